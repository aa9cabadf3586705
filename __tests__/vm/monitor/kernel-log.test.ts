import { expect, jest, test } from '@jest/globals';

import { Kernel } from '../../../src/host/monitor/kernel/kernel';
import { lastLines } from '../../../src/host/monitor/kernel/kernel-log';
import { MACHINE_TIMEOUT_MS } from '../inline-test';
import { storedKey } from '../stored-kernel';
import { stopGuest } from './stopped-guest';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const LINES = 1500;
const FILLER = 'x'.repeat(700);

/** More than the kernel's log holds, so that its ring has begun again at least once, and a message of two lines. */
const BODY = `
  fs.writeFileSync('/proc/sys/kernel/printk_devkmsg', 'on\\n');
  const log = fs.openSync('/dev/kmsg', 'w');
  for (let line = 0; line < ${LINES}; line++) fs.writeSync(log, '<6>line ' + line + ' ${FILLER}\\n');
  fs.writeSync(log, '<6>two\\nlines\\n');
  fs.closeSync(log);
  tell(null);
`;

test.each([
  { name: 'the built kernel', kernel: storedKey(true) },
  { name: "Debian's cloud kernel", kernel: storedKey(false) },
])('lastLines() reads all that the log of a kernel holds: $name', async ({ kernel: key }) => {
  await using guest = await stopGuest(BODY, { kernel: key });
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  const texts = lastLines(kernel, 10_000).map((line) => /^\[ *\d+\.\d{6}\] (.*)$/.exec(line)?.[1]);
  const own = texts.slice(texts.findIndex((text) => text?.startsWith('line ')));
  const first = Number(/^line (\d+) /.exec(own[0] ?? '')?.[1]);
  expect(first).toBeGreaterThan(0);
  const held = Array.from({ length: LINES - first }, (_, index) => `line ${first + index} ${FILLER}`);
  expect(held.length).toBeGreaterThan(100);
  expect(own.slice(0, held.length)).toEqual(held);
  expect(own.slice(held.length, held.length + 2)).toEqual(['two', 'lines']);
  expect(lastLines(kernel, 3)).toHaveLength(3);
});
