import { expect, test } from '@jest/globals';

import { planBody } from '../vm/inline-test';
import { runOnQemuKvm } from './qemu-kvm';

const LOOKS_FOR_SCHED_EXT = `console.log(fs.readFileSync('/sys/kernel/sched_ext/state', 'utf8').trim());`;

test('a Linux guest with sched_ext boots on this KVM, runs a test and powers off', async () => {
  const planned = await planBody(LOOKS_FOR_SCHED_EXT, { cores: 2 });
  const run = await runOnQemuKvm(planned);

  const { exit, stop, faults, consoleText } = run;
  expect({ exit, stop, faults, consoleText: exit.kind === 'poweroff' ? '' : consoleText }).toEqual({
    exit: { kind: 'poweroff' },
    stop: null,
    faults: [],
    consoleText: '',
  });
  expect([...run.seenAtMs.keys()]).toEqual(expect.arrayContaining(['init', 'exec', 'hello', 'testStart', 'result']));
  expect(run.messages.hello).toMatchObject({ kernelRelease: planned.plan.kernel.release });
  expect(run.messages.console).toMatchObject({ message: 'disabled' });
  expect(run.messages.result).toMatchObject({ errors: [] });
  const stages = [...run.seenAtMs].map(([stage, ms]) => `${stage} ${(ms / 1000).toFixed(1)} s`);
  process.stdout.write(`  stages of the guest: ${stages.join(', ')}\n`);
});
