import { readFile } from 'node:fs/promises';
import { unpackImage } from './boot-image';

/** The struct of sched_ext's event counters, by the name that BTF has of it; since Linux 6.15. */
const EVENT_STRUCT = 'scx_event_stats';

/** Whether the kernel, an ELF or a packed image, counts sched_ext events; false as well where it cannot be unpacked here. */
export async function countsEvents(path: string): Promise<boolean> {
  const content = await readFile(path);
  if (content.includes(EVENT_STRUCT)) return true;
  const elf = await unpackImage(content);
  return Buffer.isBuffer(elf) && elf.includes(EVENT_STRUCT);
}
