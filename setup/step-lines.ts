import { SingleBar } from 'cli-progress';

export interface DoneStep {
  label: string;
  /** What was found or done, e.g. `nothing missing`. */
  detail: string;
  elapsedMs: number;
}

/**
 * Says what a running step does; `fraction` from 0 to 1 when it is known how far it is, with `count` when that can be said in numbers,
 * e.g. `700 of about 2200 files`.
 */
export type Doing = (what: string, fraction?: number, count?: string) => void;

const CLEAR_LINE = '\r\x1b[2K';
const LABEL_COLUMNS = 16;

/**
 * Progress of a sequence of steps, one line for each that is done. On a terminal the running step has a line of its own, with a
 * bar when it is known how far it is; elsewhere every new activity is a line.
 */
export class StepLines {
  #bar: SingleBar | undefined;
  #last = '';
  #quarters = 0;

  constructor(private readonly out: NodeJS.WriteStream) {}

  done(step: DoneStep): void {
    this.#clear();
    const seconds = `${(step.elapsedMs / 1000).toFixed(1)} s`.padStart(7);
    this.out.write(`  ok  ${step.label.padEnd(LABEL_COLUMNS)}${seconds}  ${step.detail}\n`);
  }

  /** Runs one step, which gives back the detail of its line. An error leaves the line of what it was doing. */
  async run(label: string, work: (doing: Doing) => string | Promise<string>): Promise<void> {
    const start = performance.now();
    try {
      const detail = await work((what, fraction, count) =>
        this.#doing(`${label.padEnd(LABEL_COLUMNS)} ${what}`, fraction, count),
      );
      this.done({ label, detail, elapsedMs: performance.now() - start });
    } catch (error) {
      this.#clear();
      throw error;
    }
  }

  #doing(text: string, fraction: number | undefined, count: string | undefined): void {
    if (text !== this.#last) {
      this.#clear();
      this.out.write(`  ..  ${text}${this.out.isTTY ? '' : '\n'}`);
      this.#last = text;
      this.#quarters = 0;
    }
    if (fraction === undefined) return;
    if (this.out.isTTY) this.#showBar(text, fraction, count ?? '');
    else if (count !== undefined) this.#showQuarters(text, fraction, count);
  }

  #showBar(text: string, fraction: number, count: string): void {
    if (this.#bar === undefined) {
      const format = `  ..  ${text}  {bar} {percentage} %  {count}`;
      this.#bar = new SingleBar({ format, barsize: 24, stream: this.out, clearOnComplete: true, hideCursor: true });
      this.#bar.start(100, 0, { count });
    }
    this.#bar.update(Math.floor(fraction * 100), { count });
  }

  /** A log shows that work that takes minutes goes on, in a few lines. */
  #showQuarters(text: string, fraction: number, count: string): void {
    const quarters = Math.floor(fraction * 4);
    if (quarters > this.#quarters) this.out.write(`  ..  ${text}: ${count}\n`);
    this.#quarters = Math.max(quarters, this.#quarters);
  }

  #clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    if (this.out.isTTY) this.out.write(CLEAR_LINE);
    this.#last = '';
  }
}
