import { expect, test } from '@jest/globals';

import { planBody, runPlanned } from '../vm/inline-test';

const TELLS_CLOCK = `console.log(fs.readFileSync('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'utf8').trim());`;

/** What the guest reads back of its shape is compared with what was asked for before the test starts: D11. */
test.each([
  { name: 'one CPU', shape: { cores: 1 } },
  {
    name: 'two nodes of one LLC with two threads',
    shape: { numaNodes: 2, llcs: 2, cores: 1, threads: 2, memoryMib: 1024 },
  },
])('a test with machine kvm passes on $name', async ({ shape }) => {
  const { run, result, printed } = await runPlanned(await planBody(TELLS_CLOCK, { machine: 'kvm', ...shape }));

  expect({ exit: run.exit, stop: run.stop, faults: run.faults, console: run.consoleText }).toMatchObject({
    exit: { kind: 'poweroff' },
    stop: null,
    faults: [],
  });
  expect({ machine: result.machine, errors: result.errors }).toEqual({ machine: 'kvm', errors: [] });
  expect(printed.map(({ message }) => message)).toEqual(['kvm-clock']);
});
