/** A header that was seen, and what the stream's running CRC must be at its end for the frame to be intact. */
export interface OpenFrame {
  /** Offset of the header. */
  start: number;
  /** Offset behind the payload. */
  end: number;
  crcAtEnd: number;
}

/** Frames whose end was not reached yet; `first` is the one that ends first, of several the one that starts first. A binary heap. */
export class OpenFrames {
  #heap: OpenFrame[] = [];

  get first(): OpenFrame | undefined {
    return this.#heap[0];
  }

  clear(): void {
    this.#heap = [];
  }

  add(frame: OpenFrame): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, frame)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = frame;
  }

  removeFirst(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const child = this.#earlierChild(index);
      const frame = heap[child];
      if (frame === undefined || isBefore(moved, frame)) break;
      heap[index] = frame;
      index = child;
    }
    heap[index] = moved;
  }

  #earlierChild(index: number): number {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
  }
}

function isBefore(a: OpenFrame, b: OpenFrame): boolean {
  return a.end < b.end || (a.end === b.end && a.start < b.start);
}
