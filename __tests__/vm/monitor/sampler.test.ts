import { expect, jest, test } from '@jest/globals';

import { QemuMachine } from '../../../src/host/machine/qemu/qemu-machine';
import { watchGuest } from '../../../src/host/machine/watch-guest';
import { Kernel } from '../../../src/host/monitor/kernel/kernel';
import { SchedulerSampler } from '../../../src/host/monitor/sample/scheduler-sampler';
import { readVmcoreinfo } from '../../../src/host/monitor/symbols/vmcoreinfo';
import type { TestOptions } from '../../../src/spec/declare/options';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { MonitorSample } from '../../../src/verdict/monitor/sample';
import { type InlineTest, MACHINE_TIMEOUT_MS, planBody, startMachine } from '../inline-test';
import { storedKey } from '../stored-kernel';
import { bootAgain, DEADLINES } from './boot-again';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const BUILT = storedKey(true);
const CLOUD = storedKey(false);
const PERIOD_MS = 10;
const HOLD_MS = 2000;

/** Three workers share CPU 0; nothing is to be done on CPU 1. */
const BODY = `return executeDefs(ctx, [CgroupDef.named('crowd').workers(3).cpuset(Cpuset.exact(0))]);`;

interface Sampled {
  samples: MonitorSample[];
  dropped: bigint;
  /** Those of the time in which the workers ran. */
  held: MonitorSample[];
}

async function sample(options: TestOptions): Promise<Sampled> {
  const inline = await planBody(BODY, { machine: 'emulated', cores: 2, durationMs: HOLD_MS, ...options });
  const { run, samples, dropped, steps } = await bootAgain(
    () => sampleOnce(inline),
    (sampled) => sampled.run,
  );
  expect(run.messages.result?.errors).toEqual([]);
  return { samples, dropped, held: samples.filter(({ hostNs }) => hostNs > steps.start && hostNs < steps.end) };
}

async function sampleOnce(inline: InlineTest) {
  await using machine = await startMachine(inline);
  if (!(machine instanceof QemuMachine)) throw new TypeError('the emulated machine is QEMU');
  let started: Promise<SchedulerSampler> | undefined;
  const steps = { start: 0n, end: 0n };
  const run = await watchGuest(machine, {
    deadlines: DEADLINES,
    startedAt: performance.now(),
    onKernelLocated: (gpa) => {
      const kernel = Kernel.locate(machine.memory, readVmcoreinfo(machine.memory, gpa));
      started = SchedulerSampler.start(kernel, machine.memory.fileRanges, {
        periodMs: PERIOD_MS,
        cpuCount: 2,
        vcpuThreads: [],
      });
    },
    onMessage: ({ kind }) => {
      if (kind === 'stepStart') steps.start = process.hrtime.bigint();
      if (kind === 'stepEnd') steps.end = process.hrtime.bigint();
    },
  });
  await using sampler = await started;
  const { samples, dropped } = (await sampler?.finish()) ?? { samples: [], dropped: -1n };
  return { run, steps, samples, dropped };
}

/** The share of the samples for which something holds. */
function share(samples: readonly MonitorSample[], holds: (sample: MonitorSample) => boolean): number {
  return samples.filter(holds).length / samples.length;
}

test.each([
  { name: 'the built kernel', options: { kernel: BUILT } },
  { name: "Debian's cloud kernel", options: { kernel: CLOUD } },
])('a sampler sees the queues of a running guest from outside: $name', async ({ options }) => {
  const { samples, dropped, held } = await sample(options);
  expect(dropped).toBe(0n);
  // Half of them, on a host that is busy with something else.
  expect(held.length).toBeGreaterThan(HOLD_MS / PERIOD_MS / 2);
  expect(share(held, ({ valid }) => valid)).toBe(1);
  const times = samples.map(({ hostNs }) => hostNs);
  expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));

  // What the workers are to the kernel: three that are runnable on CPU 0, one of which runs unless the harness does.
  expect(share(held, ({ cpus }) => cpus[0]?.nrRunning === 3 || cpus[0]?.nrRunning === 4)).toBeGreaterThan(0.8);
  expect(share(held, ({ cpus }) => cpus[0]?.curr?.comm === 'SpinWait')).toBeGreaterThan(0.8);
  expect(share(held, ({ cpus }) => cpus[0]?.curr?.schedClass === 'fair')).toBeGreaterThan(0.8);
  expect(share(held, ({ cpus }) => cpus[1]?.nrRunning === 0)).toBeGreaterThan(0.5);
  const clocks = held.map(({ cpus }) => cpus[0]?.clockNs ?? 0n);
  expect(clocks).toEqual(clocks.toSorted((a, b) => Number(a - b)));
  // The clock of the run queue counts the guest's nanoseconds, which are the host's on this machine.
  const [first, last] = [held.at(0), held.at(-1)];
  const guestNs = Number((last?.cpus[0]?.clockNs ?? 0n) - (first?.cpus[0]?.clockNs ?? 0n));
  expect(guestNs / Number((last?.hostNs ?? 0n) - (first?.hostNs ?? 0n))).toBeGreaterThan(0.8);
});

test('a sampler sees a sched_ext scheduler come and go, and its tasks', async () => {
  const { samples, held } = await sample({ kernel: BUILT, scheduler: Scheduler.binary({ name: 'scx_ktstr' }) });
  expect(new Set(held.map(({ scx }) => scx?.opsName))).toEqual(new Set(['ktstr']));
  expect(new Set(held.map(({ scx }) => scx?.state))).toEqual(new Set(['ENABLED']));
  expect([samples.at(0)?.scx?.opsName, samples.at(-1)?.scx?.opsName]).toEqual([null, null]);
  expect(share(held, ({ cpus }) => (cpus[0]?.scxNrRunning ?? 0) >= 3)).toBeGreaterThan(0.8);
  expect(share(held, ({ cpus }) => cpus[0]?.curr?.schedClass === 'ext')).toBeGreaterThan(0.8);
});
