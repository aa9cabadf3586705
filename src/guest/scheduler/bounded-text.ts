/**
 * Chosen: the log of a loop that the verifier gives up on has one to two million characters, which fold to a page when all of them are there; a
 * result frame carries a few such texts.
 */
const HEAD_CHARS = 512 * 1024;
const TAIL_CHARS = 2 * 1024 * 1024;

/** Text that grows without bound, of which the start and the end are kept. */
export class BoundedText {
  #head = '';
  #tail = '';
  #dropped = 0;

  append(text: string): void {
    const room = HEAD_CHARS - this.#head.length;
    this.#head += text.slice(0, room);
    this.#tail += text.slice(room);
    // Twice the size, so that the cost of cutting is spread over what it makes room for.
    if (this.#tail.length > 2 * TAIL_CHARS) this.#cut();
  }

  toString(): string {
    if (this.#tail.length > TAIL_CHARS) this.#cut();
    const gap = this.#dropped === 0 ? '' : `\n[… ${this.#dropped} characters left out …]\n`;
    return `${this.#head}${gap}${this.#tail}`;
  }

  #cut(): void {
    const excess = this.#tail.length - TAIL_CHARS;
    this.#dropped += excess;
    this.#tail = this.#tail.slice(excess);
  }
}
