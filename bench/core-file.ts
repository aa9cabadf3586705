import { ftruncateSync, writeSync } from 'node:fs';

import { AnonymousFile } from '../src/host/machine/anonymous-file';
import type { Kernel } from '../src/host/monitor/kernel/kernel';
import { vmcoreinfoText } from '../src/host/monitor/symbols/vmcoreinfo';
import type { RamRange } from '../src/host/native/address-space';
import { coreHeader, type CoreParts } from './core-header';

/** Most of a guest's memory has never been written, and takes no room in the copy either. */
const CHUNK = Buffer.alloc(1024 * 1024);

/** The RAM of a paused guest as a core file of its kernel: what tools for kernel dumps open, and what our monitor can be given as well. */
export class CoreFile implements Disposable {
  readonly #file: AnonymousFile;
  /** Where RAM is in it. */
  readonly ram: readonly RamRange[];

  constructor(kernel: Kernel, vmcoreinfoGpa: number) {
    const { physical } = kernel.memory;
    const header = coreHeader({ ranges: physical.ranges, ...partsOf(kernel, vmcoreinfoGpa) });
    this.#file = new AnonymousFile(header.length + physical.sizeBytes);
    const { fd } = this.#file;
    ftruncateSync(fd, header.length + physical.sizeBytes);
    writeSync(fd, header, 0, header.length, 0);
    let fileOffset = header.length;
    this.ram = physical.ranges.map(({ gpa, bytes }) => {
      const range = { gpa, bytes, fd, fileOffset };
      for (let done = 0; done < bytes; done += CHUNK.length) {
        const chunk = physical.read(gpa + done, Math.min(CHUNK.length, bytes - done));
        if (!CHUNK.subarray(0, chunk.length).equals(chunk)) writeSync(fd, chunk, 0, chunk.length, fileOffset + done);
      }
      fileOffset += bytes;
      return range;
    });
  }

  get pathForChildren(): string {
    return this.#file.pathForChildren;
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

function partsOf({ memory, symbols }: Kernel, vmcoreinfoGpa: number): Omit<CoreParts, 'ranges'> {
  const virtual = symbols.need('_text');
  const gpa = memory.translate(virtual);
  if (gpa === null) throw new Error('the image of the kernel is not in RAM');
  return {
    vmcoreinfo: vmcoreinfoText(memory.physical, vmcoreinfoGpa),
    directMap: memory.readU64(symbols.need('page_offset_base')),
    image: { virtual, gpa, bytes: Number(symbols.need('_end') - virtual) },
  };
}
