/** How a run can fail, from the first stage to the last. `expectFailure` names these and the kinds of checks. */
export const FAILURE_TEXTS = {
  'init-not-started': 'the guest ended before its init started: the kernel did not come up',
  'init-started': 'init started, and the guest ended before the test runtime was loaded',
  'runtime-loaded': 'the test runtime was loaded, and the guest ended before the test started',
  'test-started': 'the test started, and the guest ended while it ran',
  'no-result': 'the test ended, and the guest went without sending its result',
  'guest-panic': 'the guest kernel panicked',
  'triple-fault': 'the guest reset through a triple fault',
  'timed-out': 'the machine ran into its deadline',
  'machine-failed': 'the machine itself failed: the virtual machine monitor ended with an error or was killed',
  'topology-mismatch': 'the guest found another topology than the test asked for',
  'sched-ext-missing': 'the kernel of the guest has no sched_ext',
  'scheduler-start-failed': 'the scheduler ended before it was attached',
  'verifier-rejected': "the kernel's BPF verifier refused the scheduler",
  'never-attached': 'the scheduler ran, but was never attached',
  'wrong-ops': 'what attached is not the scheduler that the test declares',
  'scheduler-exited': 'the scheduler exited by itself while the test ran',
  'scheduler-crashed': 'the kernel switched the scheduler off because of an error',
  'scheduler-stalled': 'the kernel switched the scheduler off because a task was not run',
  'scheduler-killed': 'the scheduler was killed while the test ran',
  'scheduler-died': 'the scheduler went while the test ran, for no reason that is known',
  'test-failed': 'the test body or one of its hooks threw',
  'body-exited': 'the test body ended its process, e.g. by process.exit',
  'body-aborted': 'the test body ended by an abort or another fatal signal',
  'out-of-memory': 'the guest or its JavaScript heap ran out of memory',
  'body-never-returned': 'the test body did not return within its time budget',
  'check-failed': 'a check on the workers or on the scheduler failed',
  'kernel-splat': 'the guest kernel complained on its console: a warning, an oops, a lockup, a stall or the like',
} as const;

export type FailureKind = keyof typeof FAILURE_TEXTS;

/** The kinds in the order of the table. */
export const FAILURE_KINDS = Object.keys(FAILURE_TEXTS) as readonly FailureKind[];
