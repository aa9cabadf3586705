import { deadlinesFor } from './deadlines';
import { dumpAt } from './dump-at';
import { programsOf } from './find-schedulers';
import { tickKernel } from './learn-kernel';
import { Looks } from './looks';
import { MonitorRun, monitors, type MonitorReport } from './monitor-run';
import type { Plan } from './plan';
import { tellingMomentNs } from './telling-moment';
import { type HarnessError, isHarnessError } from '../src/errors';
import { cacheDir } from '../src/host/kernel/store';
import type { GuestRun } from '../src/host/machine/guest-run';
import type { Machine, MachineConfig } from '../src/host/machine/machine';
import { startMachine } from '../src/host/machine/start-machine';
import { watchGuest } from '../src/host/machine/watch-guest';
import { Kernel } from '../src/host/monitor/kernel/kernel';
import { firstTickOrders, type TickKernel } from '../src/host/monitor/probe/tick-kernel';
import { readVmcoreinfo } from '../src/host/monitor/symbols/vmcoreinfo';
import type { Messages } from '../src/protocol/messages';
import type { TestSpec } from '../src/spec/declare/test-spec';
import type { FailureDump } from '../src/verdict/monitor/failure-dump';

export interface BootInput {
  spec: TestSpec;
  plan: Plan;
  /** Called for everything the guest prints with `console`, as it arrives. */
  onConsole(entry: Messages['console']): void;
}

/** What came of one machine. */
export interface Booted {
  run: GuestRun;
  /** Of the moment at which the host ended the machine, or else of one at which something was going wrong; null when there was none. */
  dump: FailureDump | null;
  monitor: MonitorReport;
  /** Milliseconds from `startedAt` to a machine that runs. */
  spawnedMs: number;
  peakMemoryKib: number;
}

/** Boots the machine of a planned test and follows it to its end. @throws {HarnessError} `machine-start` */
export async function boot(
  input: BootInput,
  { initrd, startedAt }: { initrd: string; startedAt: number },
): Promise<Booted> {
  const { spec, plan } = input;
  const config: MachineConfig = {
    kernelImage: plan.kernelImage,
    initrd,
    cmdline: plan.cmdline,
    topology: spec.topology,
    memoryMib: spec.memoryMib,
  };
  const tick = await tickOf(input, config);
  const booted = await follow(input, {
    ...(isKnown(tick) ? { ...config, probe: firstTickOrders(tick) } : config),
    startedAt,
    tick,
  });
  const atNs = tellingMomentNs(booted.run, spec, booted.monitor.breachedAtNs);
  if (booted.dump !== null || atNs === null || plan.machine !== 'deterministic') return booted;
  // In virtual time, looking at once would have changed the run.
  const known = tick ?? (await learned(input, config));
  if (!isKnown(known)) return booted;
  // What the host did later has not been yet.
  const interferences = booted.monitor.interferences.filter((one) => one.atNs < atNs);
  const deadlines = deadlinesFor(spec, plan.machine);
  return { ...booted, dump: await dumpAt(config, { tick: known, atNs, interferences, deadlines }) };
}

type Tick = TickKernel | HarnessError | null;

function isKnown(tick: Tick): tick is TickKernel {
  return tick !== null && !isHarnessError(tick);
}

interface Start extends MachineConfig {
  startedAt: number;
  tick: Tick;
}

async function follow({ spec, plan, onConsole }: BootInput, { startedAt, tick, ...config }: Start): Promise<Booted> {
  await using machine = await startMachine(plan.machine, config);
  const spawnedMs = performance.now() - startedAt;
  using looks = new Looks(machine, spec);
  await using monitor = new MonitorRun(machine, spec, { tick, onBreach: () => looks.glance() });
  const run = await watchGuest(machine, {
    deadlines: deadlinesFor(spec, plan.machine),
    startedAt,
    onMessage: (message) => {
      monitor.note(message);
      looks.note(message);
      if (message.kind === 'console') onConsole(message);
    },
    onKernelLocated: (gpa) => {
      looks.locate(gpa);
      // In virtual time, looking would not come to the same moment in each run.
      if (plan.machine === 'deterministic' || !(monitors(spec) || programsOf(spec).length > 0)) return;
      const located = locate(machine, gpa);
      monitor.locate(located);
      if (!isHarnessError(located)) looks.know(located);
    },
    beforeStop: () => looks.inspect(),
  });
  await looks.settle();
  const report = await monitor.finish();
  return { run, dump: looks.seen, monitor: report, spawnedMs, peakMemoryKib: machine.peakMemoryKib };
}

function locate({ memory }: Machine, vmcoreinfoGpa: number): Kernel | HarnessError {
  try {
    return Kernel.locate(memory, readVmcoreinfo(memory, vmcoreinfoGpa));
  } catch (error) {
    if (isHarnessError(error)) return error;
    throw error;
  }
}

/** What the probe of a deterministic machine that is to be sampled needs to know before the boot, or why that is not known. */
async function tickOf(input: BootInput, machine: MachineConfig): Promise<Tick> {
  return input.plan.machine === 'deterministic' && monitors(input.spec) ? learned(input, machine) : null;
}

async function learned({ spec, plan }: BootInput, machine: MachineConfig): Promise<TickKernel | HarnessError> {
  const { digest } = plan.kernel;
  const deadlines = deadlinesFor(spec, plan.machine);
  try {
    return await tickKernel({ cacheDir: cacheDir(process.env), digest, machine, deadlines });
  } catch (error) {
    if (isHarnessError(error)) return error;
    throw error;
  }
}
