import { boot, type BootInput } from './boot';
import { classify } from './classify';
import { writeInitrd } from './initrd';
import type { MonitorReport } from './monitor-run';
import type { StackMapper } from './map-stack';
import { stageTimes } from './stage-times';
import { writeDump } from './write-dump';
import type { GuestRun } from '../src/host/machine/guest-run';
import type { AssertDetail, AssertResult } from '../src/verdict/assert-result';
import { foldOutcomes } from '../src/verdict/merge';
import { unexpectedSplats, type Splat } from '../src/verdict/console/console-allow';
import { parseConsole } from '../src/verdict/console/parse-console';
import type { FailureKind } from '../src/verdict/failure-kind';
import type { RunResult } from '../src/verdict/run-result';
import type { SchedulerRun } from '../src/verdict/scheduler/scheduler-run';

export interface RunInput extends BootInput {
  name: string;
  /** Where a dump is written: the project's folder, and a name that is the test's alone. */
  dumps: { rootDir: string; name: string };
}

/** One machine, from spawn to its end, and what it came to. */
export interface FinishedRun {
  run: GuestRun;
  result: RunResult;
  mapper: StackMapper;
}

/** Chosen: a host so busy that as many boots in a row lose their timer is one on which tests do not come to an end either. */
const MAX_BOOTS = 5;

/** Boots a planned test and follows it to its end. Resolves for every way a guest can end; @throws {HarnessError} `machine-start` */
export async function runOnce(input: RunInput): Promise<FinishedRun> {
  const { plan } = input;
  const initrdAt = performance.now();
  using initrd = await writeInitrd(plan.base, plan.suffix);
  const startedAt = performance.now();
  const image = { initrd: initrd.pathForChildren, startedAt };
  let booted = await boot(input, image);
  // Nothing of the test has run in such a machine; what it took counts as part of the next one's spawn.
  for (let boots = 1; booted.run.stop?.why === 'timer-lost' && boots < MAX_BOOTS; boots++)
    booted = await boot(input, image);
  const { run, monitor, spawnedMs, peakMemoryKib } = booted;
  const judged = toResult(input, run, monitor);
  // A guest that was looked at because it might have failed.
  const dump = judged.outcome === 'pass' ? null : booted.dump;
  const dumpFile = dump && writeDump(input.dumps, dump);
  const stages = stageTimes(run, { planMs: plan.planMs, imageMs: plan.imageMs + startedAt - initrdAt, spawnedMs });
  return {
    run,
    mapper: plan.mapper,
    result: { ...judged, dump, dumpFile, ...stages, peakMemoryKib },
  };
}

type Judged = Omit<RunResult, 'dump' | 'dumpFile' | 'stages' | 'wallTimeMs' | 'peakMemoryKib'>;

function toResult({ name, spec, plan }: RunInput, run: GuestRun, monitor: MonitorReport): Judged {
  const { hello, result } = run.messages;
  const failure = classify(run, spec.topology);
  const errors = (result?.errors ?? []).map((error) => ({
    ...error,
    message: plan.mapper.text(error.message),
    stack: plan.mapper.text(error.stack),
  }));
  const today = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
  const splats = unexpectedSplats(parseConsole(run.consoleText).findings, spec.consoleAllow, today);
  return {
    ...judgeRun({ failure, returned: result?.assertResult ?? null, splats, findings: monitor.findings }),
    monitor: monitor.summary,
    samples: monitor.samples,
    splats,
    test: name,
    errors,
    machine: plan.machine,
    seed: spec.seed,
    image: plan.image,
    kernelRelease: hello?.kernelRelease ?? null,
    clockSource: hello?.clockSource ?? null,
    topology: hello?.topology ?? null,
    scheduler: spec.scheduler.name,
    schedulers: schedulersOf(run),
    console: run.consoleText,
  };
}

/** A guest that did not get to send its result has told of each scheduler when it attached and when it ended. */
function schedulersOf(run: GuestRun): SchedulerRun[] {
  return run.messages.result?.schedulers ?? [...run.schedulers.values()];
}

const NOTHING: AssertResult = { outcome: 'pass', details: [], stats: [], workers: [] };

interface Evidence {
  failure: FailureKind | null;
  returned: AssertResult | null;
  splats: readonly Splat[];
  /** Of the monitor. */
  findings: readonly AssertDetail[];
}

/** A body that returned nothing passes by not throwing; the harness's own findings come on top of what the body returned. */
function judgeRun({ failure, returned, splats, findings }: Evidence): AssertResult & { failure: FailureKind | null } {
  const result = withFindings(returned ?? NOTHING, findings);
  if (failure !== null) return { ...result, outcome: 'fail', failure };
  if (result.outcome === 'fail') return { ...result, failure: 'check-failed' };
  return splats.length > 0 ? { ...result, outcome: 'fail', failure: 'kernel-splat' } : { ...result, failure: null };
}

function withFindings(result: AssertResult, findings: readonly AssertDetail[]): AssertResult {
  const outcome = foldOutcomes([result.outcome, ...findings.map((finding) => finding.outcome)]);
  return { ...result, outcome, details: [...result.details, ...findings] };
}
