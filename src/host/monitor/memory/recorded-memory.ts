import type { GuestMemory } from '../guest-memory';

/** Bytes that were written to guest-physical memory. */
export interface MemoryWrite {
  gpa: number;
  data: Buffer;
}

/** Guest memory that remembers what is written to it through this, so that it can be done again in another machine. */
export class RecordedMemory implements GuestMemory {
  #writes: MemoryWrite[] = [];
  readonly #memory: GuestMemory;

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  /** What was written since this was asked before. */
  take(): MemoryWrite[] {
    const taken = this.#writes;
    this.#writes = [];
    return taken;
  }

  get sizeBytes(): number {
    return this.#memory.sizeBytes;
  }

  get ranges(): GuestMemory['ranges'] {
    return this.#memory.ranges;
  }

  read(gpa: number, length: number): Buffer {
    return this.#memory.read(gpa, length);
  }

  write(gpa: number, data: Buffer): void {
    this.#memory.write(gpa, data);
    this.#writes.push({ gpa, data: Buffer.from(data) });
  }
}
