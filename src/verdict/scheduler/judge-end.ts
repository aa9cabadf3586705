import type { KernelVerdict, ProcessExit, SchedulerOutcome, SchedulerStop } from './scheduler-run';

/** What is known of a scheduler that has ended. */
export interface EndEvidence {
  isAttached: boolean;
  stop: SchedulerStop | null;
  /** Null when it could not even be executed, or has not ended. */
  exit: ProcessExit | null;
  /** Why it could not be executed. */
  spawnError: string | null;
  kernel: KernelVerdict | null;
  stderr: string;
  attachTimeoutMs: number;
}

export interface EndJudgement {
  outcome: SchedulerOutcome;
  message: string;
}

/** Reasons of kernel/sched/ext.c that are nobody's error; `scx_bpf_exit` of a scheduler is among them. */
const UNREGISTERED = /^unregistered from/;
const STALL = 'runnable task stall';
/** What libbpf prints around the log of a program that the kernel refused. */
const VERIFIER =
  /-- BEGIN PROG LOAD LOG --|BPF program load failed|failed to load BPF skeleton.*-(13|22|7)|processed \d+ insns/;
/** The dynamic loader's own exit code and words. */
const LOADER = /error while loading shared libraries: [^\n]*|cannot execute[^\n]*/;

/** Says how a scheduler ended. What the kernel said counts more than how the process went. */
export function judgeEnd(evidence: EndEvidence): EndJudgement {
  const { kernel, stop } = evidence;
  if (kernel && !UNREGISTERED.test(kernel.reason) && !isAskedSysrq(kernel, stop)) return kernelEnd(kernel);
  if (stop === 'never-attached') return neverAttached(evidence);
  if (stop !== null) return { outcome: 'stopped', message: `was stopped (${stop}) and ${exitText(evidence.exit)}` };
  return evidence.isAttached ? unasked(evidence) : neverStarted(evidence);
}

/** The last means by which the harness takes a scheduler off. */
function isAskedSysrq({ reason }: KernelVerdict, stop: SchedulerStop | null): boolean {
  return stop !== null && reason.startsWith('disabled by sysrq');
}

function kernelEnd(kernel: KernelVerdict): EndJudgement {
  const detail = kernel.message === null ? '' : `: ${kernel.message}`;
  if (kernel.reason === STALL)
    return { outcome: 'scheduler-stalled', message: `was switched off by the kernel's watchdog (${STALL})${detail}` };
  if (kernel.reason.startsWith('disabled by sysrq'))
    return { outcome: 'scheduler-died', message: `was switched off by a SysRq (${kernel.reason})${detail}` };
  return { outcome: 'scheduler-crashed', message: `was switched off by the kernel (${kernel.reason})${detail}` };
}

function neverAttached({ attachTimeoutMs }: EndEvidence): EndJudgement {
  const message = `ran, but was not attached ${attachTimeoutMs} ms after its start (attachTimeoutMs)`;
  return { outcome: 'never-attached', message };
}

function neverStarted({ exit, spawnError, stderr }: EndEvidence): EndJudgement {
  const outcome = 'scheduler-start-failed';
  if (spawnError !== null) return { outcome, message: `could not be executed: ${spawnError}` };
  if (VERIFIER.test(stderr))
    return { outcome: 'verifier-rejected', message: `was refused by the BPF verifier and ${exitText(exit)}` };
  const loader = LOADER.exec(stderr)?.[0];
  if (loader !== undefined) return { outcome, message: `was not started by the dynamic loader: ${loader}` };
  return { outcome, message: `${exitText(exit)} before it was attached` };
}

function unasked({ exit, kernel }: EndEvidence): EndJudgement {
  const said =
    kernel === null ? '' : ` (kernel: ${kernel.reason}${kernel.message === null ? '' : `, ${kernel.message}`})`;
  if (exit?.signal) return { outcome: 'scheduler-killed', message: `${exitText(exit)} while the test ran${said}` };
  if (exit?.code === 0) return { outcome: 'scheduler-exited', message: `${exitText(exit)} while the test ran${said}` };
  const how = exit === null ? 'was detached, though its process still ran' : exitText(exit);
  return { outcome: 'scheduler-died', message: `${how} while the test ran, and nobody said why${said}` };
}

function exitText(exit: ProcessExit | null): string {
  if (exit === null) return 'did not end';
  return exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
}
