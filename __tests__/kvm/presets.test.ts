import { expect, test } from '@jest/globals';

import type { TestOptions } from '../../src/spec/declare/options';
import { cpuCount } from '../../src/spec/topology/topology';
import { watchGuest } from '../../src/host/machine/watch-guest';
import { PRESETS } from '../native/vmm/presets';
import { planBody, startMachine } from '../vm/inline-test';
import { storedKey } from '../vm/stored-kernel';
import { EXPECTS_CPUS_ONLINE } from '../vm/shapes';
import { expectPowerOff } from './power-off';
import { scaledMs } from '../../src/spec/time-scale';

/** The largest whose boot takes no more than a minute on an emulated KVM, which runs all CPUs of the guest on one of the host. */
const LARGEST = 'medium-8llc-nosmt';
const MEMORY_MIB = 2048;
/** CPUs that start together all spin until it is their turn, and each of them takes the host's CPU from the one whose turn it is. */
const ONE_BY_ONE = ['cpuhp.parallel=off'];
/** While the kernel starts the CPUs it says nothing. */
const DEADLINES = {
  silenceMs: scaledMs(250_000),
  bootMs: scaledMs(250_000),
  testMs: scaledMs(60_000),
  poweroffMs: scaledMs(60_000),
};

test(`the preset ${LARGEST} boots, and has all of its CPUs`, async () => {
  const topology = PRESETS.find(({ name }) => name === LARGEST)!.topology;
  const startedAt = performance.now();
  // Each CPU that is up ticks, here 250 times a second; those of the kernel that is built, a thousand times.
  const options: TestOptions = { machine: 'kvm', ...topology, memoryMib: MEMORY_MIB, kernelArgs: ONE_BY_ONE };
  await using machine = await startMachine(
    await planBody(EXPECTS_CPUS_ONLINE, { ...options, kernel: storedKey(false) }),
  );
  const run = await watchGuest(machine, { deadlines: DEADLINES, startedAt });
  expectPowerOff(run);
  expect(run.messages.result?.errors).toEqual([]);
  expect(run.messages.hello?.topology.cpus).toHaveLength(cpuCount(topology));
});
