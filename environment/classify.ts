import { NEVER_RETURNED } from '../src/protocol/messages';
import type { GuestRun } from '../src/host/machine/guest-run';
import { topologyMismatch } from '../src/spec/topology/topology-mismatch';
import type { Topology } from '../src/spec/topology/topology';
import type { FailureKind } from '../src/verdict/failure-kind';
import { schedulerFailure } from '../src/verdict/scheduler/scheduler-run';

const OUT_OF_MEMORY = /JavaScript heap out of memory|Out of memory: Killed process|System is deadlocked on memory/;
/** Wait status of a dead PID 1, as the kernel prints it when it panics over that. */
const INIT_KILLED = /Attempted to kill init! exitcode=0x([0-9a-f]{8})/;

/** Names how a guest failed, or null when it sent a result without errors. What its checks say is judged elsewhere. */
export function classify(run: GuestRun, asked: Topology): FailureKind | null {
  const { hello, result } = run.messages;
  if (hello && topologyMismatch(asked, hello.topology) !== null) return 'topology-mismatch';
  if (!result) return classifyLost(run);
  const [scheduler] = result.schedulers.flatMap((ended) => schedulerFailure(ended) ?? []);
  // What the body met with is mostly a consequence.
  if (scheduler !== undefined) return scheduler;
  if (result.errors.length === 0) return null;
  return result.errors.some((error) => error.name === NEVER_RETURNED) ? 'body-never-returned' : 'test-failed';
}

function classifyLost(run: GuestRun): FailureKind {
  const { departure } = run.messages;
  if (OUT_OF_MEMORY.test(run.consoleText)) return 'out-of-memory';
  if (departure) return departure.code === null ? 'body-aborted' : 'body-exited';
  if (run.loop) return 'body-never-returned';
  return classifyDeath(run) ?? classifyProgress(run);
}

function classifyDeath(run: GuestRun): FailureKind | null {
  if (/Kernel panic - not syncing/.test(run.consoleText)) return classifyPanic(run);
  if (run.stop?.why === 'deadline') return 'timed-out';
  if (run.exit.kind === 'failed' || run.exit.kind === 'killed') return 'machine-failed';
  return run.exit.kind === 'triple-fault' ? 'triple-fault' : null;
}

/** The kernel panics over the death of PID 1, which is the runtime: that is the body's doing once the test has started. */
function classifyPanic(run: GuestRun): FailureKind {
  const isInitDead = INIT_KILLED.test(run.consoleText);
  if (!isInitDead) return 'guest-panic';
  return run.messages.testStart ? 'body-aborted' : 'guest-panic';
}

function classifyProgress(run: GuestRun): FailureKind {
  if (run.messages.testStart) return run.exit.kind === 'poweroff' ? 'no-result' : 'test-started';
  if (run.messages.hello) return 'runtime-loaded';
  return run.seenAtMs.has('init') ? 'init-started' : 'init-not-started';
}
