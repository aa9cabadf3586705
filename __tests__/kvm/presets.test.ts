import { expect, test } from '@jest/globals';

import { cpuCount } from '../../src/spec/topology/topology';
import { watchGuest } from '../../src/host/machine/watch-guest';
import { PRESETS } from '../native/vmm/presets';
import { planBody, startMachine } from '../vm/inline-test';
import { EXPECTS_CPUS_ONLINE } from '../vm/shapes';

/** The largest that boots within a minute on an emulated KVM, which runs all CPUs of the guest on one of the host. */
const LARGEST = process.env['KTSTR_PRESET'] ?? 'max-cpu-nosmt';
const MEMORY_MIB = 2048;
/** CPUs that start together all spin until it is their turn, and each of them takes the host's CPU from the one whose turn it is. */
const ONE_BY_ONE = ['cpuhp.parallel=off'];
/** While the kernel starts the CPUs it says nothing. */
const DEADLINES = { silenceMs: 250_000, bootMs: 250_000, testMs: 60_000, poweroffMs: 60_000 };

test(`the preset ${LARGEST} boots, and has all of its CPUs`, async () => {
  const topology = PRESETS.find(({ name }) => name === LARGEST)!.topology;
  const startedAt = performance.now();
  await using machine = await startMachine(
    await planBody(EXPECTS_CPUS_ONLINE, { machine: 'kvm', ...topology, memoryMib: MEMORY_MIB, kernelArgs: ONE_BY_ONE }),
  );
  const { exit, stop, faults, messages, seenAtMs } = await watchGuest(machine, { deadlines: DEADLINES, startedAt });
  process.stdout.write(`  ${LARGEST}: ${JSON.stringify(Object.fromEntries(seenAtMs))}\n`);
  expect({ exit, stop, faults, errors: messages.result?.errors }).toEqual({
    ...{ exit: { kind: 'poweroff' }, stop: null, faults: [], errors: [] },
  });
  expect(messages.hello?.topology.cpus).toHaveLength(cpuCount(topology));
});
