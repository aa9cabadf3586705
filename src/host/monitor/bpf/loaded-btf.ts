import { HarnessError } from '../../../errors';
import type { Btf } from '../btf/btf';
import { parseBtf } from '../btf/parse-btf';
import type { Kernel } from '../kernel/kernel';

/** BTF_MAX_SIZE of kernel/bpf/btf.c. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The BTF that the kernel holds, of itself, its modules and BPF programs, each parsed once. */
export class LoadedBtf {
  readonly #kernel: Kernel;
  readonly #parsed = new Map<bigint, Btf>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** @param address of a struct btf. @throws HarnessError `decode`, `guest-memory` */
  at(address: bigint): Btf {
    const known = this.#parsed.get(address);
    if (known) return known;
    const found = this.#read(address);
    this.#parsed.set(address, found);
    return found;
  }

  #read(address: bigint): Btf {
    const { memory, btf } = this.#kernel;
    const loaded = this.#kernel.object('btf', address);
    const hasBase = loaded.get('base_btf').big() !== 0n;
    if (!hasBase && loaded.get('kernel_btf').number() !== 0) return btf;
    const bytes = loaded.get('data_size').number();
    if (bytes > MAX_BYTES)
      throw new HarnessError('decode', { what: 'BTF of a BPF program', at: 'data_size', problem: `${bytes} bytes` });
    return parseBtf(memory.read(loaded.get('data').big(), bytes), hasBase ? btf : undefined);
  }
}
