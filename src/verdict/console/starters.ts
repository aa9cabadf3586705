/** The lines after the first of a splat, from which a title may take the function that was running. */
type Body = readonly string[];

interface Starter {
  kind: string;
  /** Matched with a line of the kernel, without its prefix. */
  pattern: RegExp;
  /** Before it is normalised. */
  title: (match: RegExpExecArray, body: Body) => string;
  /** Kinds of splats that go on with this line; behind any other it starts a splat of its own. */
  continues?: readonly string[];
  /** Lines that every boot has, so that only those after them are splats. */
  usual?: number;
}

const FAULTS = ['oops', 'kernel-bug', 'general-protection', 'double-fault', 'kasan', 'ubsan'] as const;

/**
 * How splats begin, the most specific first: the texts of printk in Linux 6.12, and where they differ those of 5.x and 7.x. The kinds are what
 * other tools look out for as well (syzkaller pkg/report/linux.go, the kernel-splat check of BPF CI). A trap of user space does not begin a
 * line, because the kernel puts the task before it.
 */
export const STARTERS = [
  {
    kind: 'panic',
    pattern: /^Kernel panic - not syncing: (.*)/,
    title: ([, message]) => `Kernel panic: ${message}`,
    // Every kind: panic_on_warn, panic_on_oops and the like.
    continues: ['*'],
  },
  {
    kind: 'double-fault',
    pattern: /^(?:traps: )?PANIC: double fault|^(?:Oops: )?double fault: /,
    title: (_, body) => `double fault${inFunction(body)}`,
  },
  { kind: 'kasan', pattern: /^BUG: KASAN: (.*)/, title: ([, what]) => `KASAN: ${what}` },
  { kind: 'kcsan', pattern: /^BUG: KCSAN: (.*)/, title: ([, what]) => `KCSAN: ${what}` },
  { kind: 'kmsan', pattern: /^BUG: KMSAN: (.*)/, title: ([, what]) => `KMSAN: ${what}` },
  { kind: 'kfence', pattern: /^BUG: KFENCE: (.*)/, title: ([, what]) => `KFENCE: ${what}` },
  {
    kind: 'ubsan',
    pattern: /^UBSAN: (.*?) in (\S+)/,
    title: ([, what, where]) => `UBSAN: ${what} in ${where}`,
  },
  // Where a CPU hangs differs from run to run, so lockups and stalls have no function in their titles.
  { kind: 'soft-lockup', pattern: /^(?:watchdog: )?BUG: soft lockup\b/, title: () => 'BUG: soft lockup' },
  {
    kind: 'hard-lockup',
    pattern: /^(?:NMI )?watchdog: .*\bhard LOCKUP\b/i,
    title: () => 'Watchdog detected hard LOCKUP',
  },
  { kind: 'workqueue-lockup', pattern: /^BUG: workqueue lockup\b/, title: () => 'BUG: workqueue lockup' },
  {
    kind: 'rcu-stall',
    pattern: /^(?:rcu: )?INFO: (\w+) (?:self-)?detected (?:expedited )?stalls? on (?:CPU|task)/,
    title: ([, flavour]) => `INFO: ${flavour} stall`,
  },
  {
    kind: 'rcu-stall',
    pattern: /^rcu: (\w+) kthread (?:starved|timer wakeup didn't happen) for /,
    title: ([, flavour]) => `rcu: ${flavour} kthread starved`,
    continues: ['rcu-stall'],
  },
  {
    kind: 'hung-task',
    pattern: /^INFO: task .* blocked (?:in I\/O wait )?for more than \d+ seconds/,
    title: (_, body) => `INFO: task hung${waitingIn(body)}`,
  },
  {
    kind: 'atomic-sleep',
    pattern: /^BUG: scheduling while atomic: /,
    title: (_, body) => `BUG: scheduling while atomic${waitingIn(body)}`,
  },
  {
    kind: 'atomic-sleep',
    pattern: /^BUG: (sleeping function called from invalid context at \S+)/,
    title: ([, what]) => `BUG: ${what}`,
  },
  {
    kind: 'lockdep',
    pattern:
      /^WARNING: (possible .*(?:detected|deadlock)|suspicious RCU usage|inconsistent lock state|bad (?:unlock balance|contention) detected|held lock freed|lock held when returning to user space|Nested lock was not taken|chain_key collision)/,
    title: ([, what]) => `WARNING: ${what}`,
  },
  { kind: 'lockdep', pattern: /^\[ BUG: (.*?) \]/, title: ([, what]) => `BUG: ${what}` },
  {
    kind: 'lockdep',
    pattern: /^INFO: (possible .*(?:detected|deadlock)|trying to register non-static key)/,
    title: ([, what]) => `INFO: ${what}`,
  },
  {
    kind: 'warning',
    pattern: /^WARNING: (?:CPU: \d+ PID: \d+ at (?:\S+:\d+ )?|at (?:\S+:\d+ )?|\S+:\d+ at )([^\s,]+)/,
    title: ([, where]) => `WARNING in ${where}`,
  },
  {
    kind: 'kernel-bug',
    pattern: /^kernel BUG at (\S+)/i,
    title: ([, where], body) => `kernel BUG${inFunction(body) || ` at ${where}`}`,
  },
  {
    kind: 'oops',
    pattern: /^BUG: ((?:unable to handle )?(?:kernel |page ).*?)(?:,? (?:for )?(?:virtual )?address:?| at) [\da-f]+/,
    title: ([, what], body) => `BUG: ${what}${inFunction(body)}`,
  },
  {
    kind: 'slab',
    pattern: /^BUG (\S+) \((?:Not t|T)ainted[^)]*\): (.*)/,
    title: ([, cache, what]) => `BUG ${cache}: ${what}`,
  },
  { kind: 'bug', pattern: /^(?:\w+: )?BUG: (.*)/, title: ([, what]) => `BUG: ${what}` },
  {
    kind: 'general-protection',
    pattern: /^(?:Oops: )?general protection fault\b/,
    title: (_, body) => `general protection fault${inFunction(body)}`,
  },
  trap('divide-error', /^(?:Oops: )?divide[ _]error: /, 'divide error'),
  trap('invalid-opcode', /^(?:Oops: )?invalid opcode: /, 'invalid opcode'),
  trap('int3', /^(?:Oops: )?int3: /, 'int3'),
  trap('stack-segment', /^(?:Oops: )?stack segment: /, 'stack segment'),
  {
    kind: 'oops',
    pattern: /^Oops(?::| - )/,
    title: (_, body) => `Oops${inFunction(body)}`,
    continues: FAULTS,
  },
  {
    kind: 'oops',
    pattern: /^(Unable to handle kernel .*?)(?: at virtual address.*)?$/,
    title: ([, what]) => String(what),
  },
  { kind: 'oops', pattern: /^Internal error: (.*)/, title: ([, what]) => `Internal error: ${what}`, continues: FAULTS },
  { kind: 'oops', pattern: /^(?:Unhandled fault|Alignment trap): .*/, title: ([line]) => line },
  {
    kind: 'page-allocation',
    pattern: /\bpage allocation failure: (order:\d+)/,
    title: () => 'page allocation failure',
  },
  {
    kind: 'page-allocation',
    pattern: /\bvmalloc(?:: allocation failure| error: size)/,
    title: () => 'vmalloc allocation failure',
  },
  {
    kind: 'reboot',
    pattern: /^(?:Booting the kernel\b|Linux version )/,
    title: () => 'unexpected reboot',
    continues: ['reboot'],
    usual: 1,
  },
  {
    kind: 'other',
    pattern:
      /^(?:(?:unregister_netdevice: waiting for|VFS: Busy inodes after unmount|VFS: Close: file count is 0|FAULT_FLAG_ALLOW_RETRY missing)|rust_kernel: panicked at).*/,
    title: ([line]) => line,
  },
] as const satisfies readonly Starter[];

export type SplatKind = (typeof STARTERS)[number]['kind'];

/** Every kind, in the order of the table. */
export const SPLAT_KINDS: readonly SplatKind[] = [...new Set(STARTERS.map(({ kind }) => kind))];

function trap<K extends string>(kind: K, pattern: RegExp, name: string): Starter & { kind: K } {
  const title = (_: RegExpExecArray, body: Body): string => `${name}${inFunction(body)}`;
  // BUG() and some sanitizers are traps that say before what they are about.
  return { kind, pattern, title, continues: FAULTS };
}

/** ` in func`, by the instruction pointer of the kernel; empty when it is not known. */
function inFunction(body: Body): string {
  for (const line of body) {
    const name = /^RIP: 0010:([\w.]+)\+0x/.exec(line)?.[1];
    if (name !== undefined) return ` in ${name}`;
  }
  return '';
}

/** Functions that stand on every stack of a task that waits, or that print the stack. */
const SCHEDULING =
  /^(?:__schedule|schedule|context_switch|__mutex_lock|mutex_lock|rwsem_|down_|__down|io_schedule|dump_stack|__schedule_bug|show_stack|wait_for_|__wait_for_|rt_mutex_|__rt_mutex_)/;

/** ` in func`: the innermost function of the first call trace that does more than wait; empty when there is none. */
function waitingIn(body: Body): string {
  const frames = body.flatMap((line) => /^ +([a-zA-Z_][\w.]*)\+0x[\da-f]+\/0x[\da-f]+/.exec(line)?.[1] ?? []);
  const name = frames.find((frame) => !SCHEDULING.test(frame));
  return name === undefined ? '' : ` in ${name}`;
}
