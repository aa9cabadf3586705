import { expect, test } from '@jest/globals';

import { CrashWatch } from '../../../environment/crash-watch';
import type { GuestStream } from '../../../src/host/machine/machine';

const CRASH = '[    4.250000] sched_ext: BPF scheduler "mine" disabled (runtime error)\r\n';

/** A console that a test writes to. */
class Console implements GuestStream {
  readonly #listeners: ((chunk: Buffer) => void)[] = [];
  #text = '';

  onData(listener: (chunk: Buffer) => void): void {
    this.#listeners.push(listener);
  }

  text(): string {
    return this.#text;
  }

  write(text: string): void {
    this.#text += text;
    for (const listener of this.#listeners) listener(Buffer.from(text));
  }
}

test('CrashWatch looks once, when the line about a crash is whole', () => {
  const console = new Console();
  let looks = 0;
  new CrashWatch(console, () => {
    looks++;
    return Promise.resolve();
  });
  console.write('[    1.000000] sched_ext: BPF scheduler "mine" enabled\r\n');
  for (const character of CRASH.slice(0, -1)) console.write(character);
  expect(looks).toBe(0);
  console.write(`\n[    4.260000] sched_ext: mine: too bad\r\n`);
  expect(looks).toBe(1);
  console.write(CRASH);
  expect(looks).toBe(1);
});

test('CrashWatch settles with the look that goes on', async () => {
  const console = new Console();
  let endLook: () => void = () => undefined;
  const watch = new CrashWatch(console, () => new Promise((resolve) => (endLook = resolve)));
  console.write(CRASH);
  let isSettled = false;
  const settled = watch.settle().then(() => (isSettled = true));
  await Promise.resolve();
  expect(isSettled).toBe(false);
  endLook();
  await settled;
  expect(isSettled).toBe(true);
});
