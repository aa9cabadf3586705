import type { HostWord } from '../../../spec/declare/run-request';
import type { Kernel } from './kernel';

/** Tells a guest that waits for it, by the NIS domain name of its kernel. @throws HarnessError `symbol-unknown`, `btf-unknown`, `guest-memory` */
export function tellGuest(kernel: Kernel, word: HostWord): void {
  const { address } = kernel.global('init_uts_ns', 'uts_namespace').get('name.domainname');
  kernel.memory.write(address, Buffer.from(`${word}\0`));
}
