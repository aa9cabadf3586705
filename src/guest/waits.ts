/** What the runtime waits for on behalf of a body, to be told of a body whose time is over. */
export class Waits {
  readonly #pending = new Set<{ what: string; sinceMs: number }>();
  #refused: string | null = null;

  /** Settles as the promise does. @param what stands behind "waiting for" */
  async during<T>(what: string, promise: Promise<T>): Promise<T> {
    const wait = { what, sinceMs: performance.now() };
    this.#pending.add(wait);
    try {
      return await promise;
    } catch (error) {
      this.#refused = `waiting for ${what} came to "${error instanceof Error ? error.message : String(error)}"`;
      throw error;
    } finally {
      this.#pending.delete(wait);
    }
  }

  /** What is waited for, since when, and what the last wait that failed came to; empty when it is nothing of the runtime's. */
  text(): string {
    const pending = [...this.#pending].map(
      ({ what, sinceMs }) => `waiting for ${what}, for ${((performance.now() - sinceMs) / 1000).toFixed(3)} s`,
    );
    if (pending.length === 0) return '';
    return [...pending, ...(this.#refused === null ? [] : [`before that, ${this.#refused}`])].join('; ');
  }
}
