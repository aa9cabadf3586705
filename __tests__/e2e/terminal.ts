import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const COLUMNS = 160;
const LINES = 60;
const POLL_MS = 50;

/**
 * Runs `$@` and leaves its exit code in the file `$0`, whole or not at all. tmux is not asked for it: one time in a few
 * it does not notice that a program has ended.
 */
const NOTE_EXIT_CODE = `trap : INT; "$@"; echo $? > "$0.new"; mv "$0.new" "$0"`;

export interface TerminalProgram {
  program: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** Whether this machine has what terminals are made with. */
export function hasTerminals(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}

/** A program in a terminal of its own, made by a tmux server of its own. Disposing of it ends the program. */
export class Terminal implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ktstr-terminal-'));

  /** @throws {Error} with what tmux says when it cannot start, or is not there */
  constructor({ program, args, cwd, env }: TerminalProgram) {
    const wrapped = ['sh', '-c', NOTE_EXIT_CODE, this.#exitCodeFile(), program, ...args];
    const command = ['-x', `${COLUMNS}`, '-y', `${LINES}`, '-c', cwd, '--', ...wrapped];
    // What a program printed and how it ended stays to be read.
    this.#tmux(
      ['start-server', ';', 'set-option', '-g', 'remain-on-exit', 'on', ';', 'new-session', '-d', ...command],
      env,
    );
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', [...this.#server(), 'kill-server']);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What is to be seen, without colours. */
  screen(): string {
    return this.#tmux(['capture-pane', '-p']);
  }

  /** Types keys, by their names in tmux: `q`, `Enter`, `C-c`. */
  type(...keys: string[]): void {
    this.#tmux(['send-keys', ...keys]);
  }

  /** Waits for a text on the screen. @throws {Error} with the last screen when it does not come within the time */
  async waitFor(text: RegExp, deadlineMs: number): Promise<string> {
    return this.#poll(deadlineMs, `show ${text}`, () => {
      const screen = this.screen();
      return text.test(screen) ? screen : null;
    });
  }

  /** The exit code of the program, once it has ended. @throws {Error} with the last screen when it does not end within the time */
  async exitCode(deadlineMs: number): Promise<number> {
    return this.#poll(deadlineMs, 'end', () =>
      existsSync(this.#exitCodeFile()) ? Number(readFileSync(this.#exitCodeFile(), 'utf8')) : null,
    );
  }

  async #poll<T>(deadlineMs: number, what: string, look: () => T | null): Promise<T> {
    const endsAt = performance.now() + deadlineMs;
    for (let found = look(); ; found = look()) {
      if (found !== null) return found;
      if (performance.now() > endsAt)
        throw new Error(`the program did not ${what} within ${deadlineMs} ms; the screen is:\n${this.screen()}`);
      await delay(POLL_MS);
    }
  }

  #exitCodeFile(): string {
    return join(this.#folder, 'exit-code');
  }

  #server(): string[] {
    return ['-S', join(this.#folder, 'socket'), '-f', '/dev/null'];
  }

  #tmux(args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
    const { status, stdout, stderr, error } = spawnSync('tmux', [...this.#server(), ...args], {
      env,
      encoding: 'utf8',
    });
    if (status === 0) return stdout;
    this[Symbol.dispose]();
    throw new Error(`tmux ${args[0]}: ${error?.message ?? stderr}`);
  }
}
