import { describe, expect, test } from '@jest/globals';
import { parseConsole } from '../../../../src/verdict/console/parse-console';
import { SPLAT_KINDS, STARTERS, type SplatKind } from '../../../../src/verdict/console/starters';
import {
  HUNG_TASK,
  KERNEL_BUG,
  LOCKDEP,
  NULL_POINTER,
  RCU_STALL,
  SOFT_LOCKUP,
  STALL,
  stamped,
  WARNING,
} from './consoles';

interface Row {
  text: string;
  kind: SplatKind;
  title: string;
}

const ROWS: readonly Row[] = [
  { text: NULL_POINTER, kind: 'oops', title: 'BUG: kernel NULL pointer dereference in pick_task_scx' },
  {
    text: 'BUG: unable to handle page fault for address: ffffa3c8c0013e28\nRIP: 0010:scx_dispatch+0x1/0x2',
    kind: 'oops',
    title: 'BUG: unable to handle page fault in scx_dispatch',
  },
  {
    text: 'BUG: unable to handle kernel paging request at ffffa3c8c0013e28',
    kind: 'oops',
    title: 'BUG: unable to handle kernel paging request',
  },
  {
    text: 'Oops: 0002 [#1] SMP\nCPU: 0 PID: 1\nRIP: 0010:f_v2+0x1/0x2',
    kind: 'oops',
    title: 'Oops in f_v2',
  },
  {
    text: 'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010\nMem abort info:\nInternal error: Oops: 0000000096000004 [#1] SMP',
    kind: 'oops',
    title: 'Unable to handle kernel NULL pointer dereference',
  },
  { text: 'Internal error: Oops - BUG: 0 [#1]', kind: 'oops', title: 'Internal error: Oops - BUG: N' },
  { text: 'Unhandled fault: alignment fault at 0x12', kind: 'oops', title: 'Unhandled fault: alignment fault at ADDR' },
  { text: WARNING, kind: 'warning', title: 'WARNING in refcount_warn_saturate' },
  {
    text: 'WARNING: kernel/sched/ext.c:1234 at scx_dequeue+0x1/0x2, CPU#3: node/77',
    kind: 'warning',
    title: 'WARNING in scx_dequeue',
  },
  { text: 'WARNING: at mm/slub.c:12 kfree+0x1/0x2()', kind: 'warning', title: 'WARNING in kfree()' },
  { text: KERNEL_BUG, kind: 'kernel-bug', title: 'kernel BUG in set_task_cpu' },
  { text: 'kernel BUG at mm/slub.c:12!', kind: 'kernel-bug', title: 'kernel BUG at mm/slub.c' },
  {
    text: 'Oops: general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] SMP\nRIP: 0010:f+0x1/0x2',
    kind: 'general-protection',
    title: 'general protection fault in f',
  },
  { text: 'general protection fault: 0000 [#1] SMP', kind: 'general-protection', title: 'general protection fault' },
  {
    text: 'divide error: 0000 [#1] SMP\nRIP: 0010:avg+0x1/0x2',
    kind: 'divide-error',
    title: 'divide error in avg',
  },
  { text: 'Oops: divide error: 0000 [#1] SMP', kind: 'divide-error', title: 'divide error' },
  { text: 'invalid opcode: 0000 [#1]\nRIP: 0010:f+0x1/0x2', kind: 'invalid-opcode', title: 'invalid opcode in f' },
  { text: 'int3: 0000 [#1] SMP', kind: 'int3', title: 'int3' },
  { text: 'stack segment: 0000 [#1] SMP', kind: 'stack-segment', title: 'stack segment' },
  {
    text: 'traps: PANIC: double fault, error_code: 0x0\nKernel panic - not syncing: Machine halted.',
    kind: 'double-fault',
    title: 'double fault',
  },
  { text: SOFT_LOCKUP, kind: 'soft-lockup', title: 'BUG: soft lockup' },
  {
    text: 'watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1',
    kind: 'hard-lockup',
    title: 'Watchdog detected hard LOCKUP',
  },
  {
    text: 'NMI watchdog: Watchdog detected hard LOCKUP on cpu 1',
    kind: 'hard-lockup',
    title: 'Watchdog detected hard LOCKUP',
  },
  {
    text: 'BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!',
    kind: 'workqueue-lockup',
    title: 'BUG: workqueue lockup',
  },
  { text: RCU_STALL, kind: 'rcu-stall', title: 'INFO: rcu_preempt stall' },
  { text: 'rcu: INFO: rcu_sched self-detected stall on CPU', kind: 'rcu-stall', title: 'INFO: rcu_sched stall' },
  {
    text: 'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 21 jiffies s: 57 root: 0x2/.',
    kind: 'rcu-stall',
    title: 'INFO: rcu_preempt stall',
  },
  {
    text: 'rcu: rcu_sched kthread starved for 5250 jiffies! g-1199',
    kind: 'rcu-stall',
    title: 'rcu: rcu_sched kthread starved',
  },
  { text: HUNG_TASK, kind: 'hung-task', title: 'INFO: task hung in __fdget_pos' },
  { text: 'INFO: task a b:7 blocked for more than 120 seconds.', kind: 'hung-task', title: 'INFO: task hung' },
  {
    text: 'BUG: scheduling while atomic: node/77/0x00000002\nCall Trace:\n dump_stack_lvl+0x1/0x2\n __schedule_bug+0x1/0x2\n schedule+0x1/0x2\n futex_wait+0x1/0x2',
    kind: 'atomic-sleep',
    title: 'BUG: scheduling while atomic in futex_wait',
  },
  {
    text: 'BUG: sleeping function called from invalid context at kernel/locking/mutex.c:283',
    kind: 'atomic-sleep',
    title: 'BUG: sleeping function called from invalid context at kernel/locking/mutex.c',
  },
  { text: LOCKDEP, kind: 'lockdep', title: 'WARNING: possible circular locking dependency detected' },
  { text: 'WARNING: suspicious RCU usage', kind: 'lockdep', title: 'WARNING: suspicious RCU usage' },
  { text: 'WARNING: inconsistent lock state', kind: 'lockdep', title: 'WARNING: inconsistent lock state' },
  { text: '[ BUG: Invalid wait context ]', kind: 'lockdep', title: 'BUG: Invalid wait context' },
  {
    text: 'INFO: trying to register non-static key.',
    kind: 'lockdep',
    title: 'INFO: trying to register non-static key',
  },
  {
    text: '================\nUBSAN: shift-out-of-bounds in kernel/sched/fair.c:123:45\nshift exponent 64 is too large',
    kind: 'ubsan',
    title: 'UBSAN: shift-out-of-bounds in kernel/sched/fair.c',
  },
  {
    text: '==================\nBUG: KASAN: slab-use-after-free in scx_exit+0x12/0x34\nRead of size 8 at addr ffff888003a3c000 by task node/77',
    kind: 'kasan',
    title: 'KASAN: slab-use-after-free in scx_exit',
  },
  {
    text: 'BUG: KCSAN: data-race in enqueue_task / update_load+0x1/0x2',
    kind: 'kcsan',
    title: 'KCSAN: data-race in enqueue_task / update_load',
  },
  { text: 'BUG: KMSAN: uninit-value in f+0x1/0x2', kind: 'kmsan', title: 'KMSAN: uninit-value in f' },
  {
    text: 'BUG: KFENCE: use-after-free read in f+0x1/0x2',
    kind: 'kfence',
    title: 'KFENCE: use-after-free read in f',
  },
  {
    text: 'BUG kmalloc-64 (Not tainted): Object already free',
    kind: 'slab',
    title: 'BUG kmalloc-N: Object already free',
  },
  {
    text: 'BUG: Bad page state in process node  pfn:03a3c',
    kind: 'bug',
    title: 'BUG: Bad page state in process node pfn:03a3c',
  },
  {
    text: 'BUG: spinlock recursion on CPU#1, node/77',
    kind: 'bug',
    title: 'BUG: spinlock recursion on CPU, node/N',
  },
  {
    text: 'node: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)',
    kind: 'page-allocation',
    title: 'page allocation failure',
  },
  {
    text: 'node: vmalloc error: size 4096, page order 0, failed to allocate pages',
    kind: 'page-allocation',
    title: 'vmalloc allocation failure',
  },
  { text: 'Linux version 6.12\nLinux version 6.12', kind: 'reboot', title: 'unexpected reboot' },
  {
    text: 'unregister_netdevice: waiting for lo to become free. Usage count = 2',
    kind: 'other',
    title: 'unregister_netdevice: waiting for lo to become free. Usage count = N',
  },
  {
    text: 'Kernel panic - not syncing: sysrq triggered crash',
    kind: 'panic',
    title: 'Kernel panic: sysrq triggered crash',
  },
];

const kindsOf = (console: string): string[] => parseConsole(console).findings.map(({ kind }) => kind);

describe('parseConsole()', () => {
  test.each(ROWS)('finds one $kind, "$title"', ({ text, kind, title }) => {
    expect(parseConsole(stamped(text)).findings).toEqual([expect.objectContaining({ kind, title })]);
  });

  test('has a test for every kind and every way in which a splat begins', () => {
    expect(new Set(ROWS.map(({ kind }) => kind))).toEqual(new Set(SPLAT_KINDS));
    const lines = ROWS.flatMap(({ text }) => text.split('\n'));
    expect(STARTERS.filter(({ pattern }) => !lines.some((line) => pattern.test(line)))).toEqual([]);
  });

  test('tells the line, its number on the console and what belongs to it', () => {
    const [finding] = parseConsole(`early boot\r\n${stamped(WARNING)}`).findings;
    expect(finding).toMatchObject({
      line: 'WARNING: CPU: 3 PID: 412 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110',
      lineNumber: 4,
    });
    expect(finding?.context.join('\n')).toBe(WARNING);
  });

  test.each([
    ['without times', NULL_POINTER],
    ['with levels', NULL_POINTER.replace(/^/gm, '<4>')],
    ['with callers and no times', NULL_POINTER.replace(/^/gm, '[   T12] ')],
    ['with times', stamped(NULL_POINTER)],
    ['with times and callers', stamped(NULL_POINTER, { caller: '[   T12]' })],
    ['with levels, times and callers', stamped(NULL_POINTER, { caller: '[    C1]' }).replaceAll('\n', '\n<1>')],
    ['in colours', stamped(NULL_POINTER).replace(/BUG/, '\x1b[31mBUG\x1b[0m')],
    ['behind an unfinished line of a program', `progress 12%${stamped(NULL_POINTER)}`],
  ])('reads lines %s', (_, console) => {
    expect(parseConsole(console).findings.map(({ title }) => title)).toEqual([
      'BUG: kernel NULL pointer dereference in pick_task_scx',
    ]);
  });

  test('does not take what programs print for lines of the kernel, where the kernel prints times', () => {
    expect(kindsOf(`${stamped('clocksource: tsc')}BUG: my program\nWARNING: CPU: 1 PID: 2 at a.c:3 f\n`)).toEqual([]);
  });

  test.each([
    'traps: node[77] general protection fault ip:7f00 sp:7ffd error:0 in libc.so.6',
    'traps: node[77] trap int3 ip:7f00 sp:7ffd error:0',
    'node[77]: segfault at 0 ip 00007f00 sp 00007ffd error 4 in node',
    'WARNING: Spectre v2 mitigation leaves CPU vulnerable to RETBleed attacks, data leaks possible!',
    "clocksource: timekeeping watchdog on CPU1: Marking clocksource 'tsc' as unstable",
    'workqueue: fill_page_cache_func hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND',
    'INFO: NMI handler (nmi_cpu_backtrace_handler) took too long to run: 1.2 msecs',
    'Memory cgroup out of memory: Killed process 77 (worker) total-vm:10kB',
    'sched: RT throttling activated',
    'Linux version 6.12.1-amd64 (build@host) #1 SMP',
    'Booting the kernel.',
    '------------[ cut here ]------------',
  ])('finds nothing in "%s"', (line) => {
    expect(kindsOf(stamped(line))).toEqual([]);
  });

  test('finds splats one after the other, each with its own lines', () => {
    const texts = [WARNING, HUNG_TASK, SOFT_LOCKUP, RCU_STALL];
    const console = texts.map((text, index) => stamped(text, { startS: 10 * (index + 1) })).join('');
    const { findings } = parseConsole(console);
    expect(findings.map(({ kind }) => kind)).toEqual(['warning', 'hung-task', 'soft-lockup', 'rcu-stall']);
    expect(findings.map(({ context }) => context.join('\n'))).toEqual(texts);
  });

  test('finds the same splat again when it comes again', () => {
    expect(kindsOf(stamped(`${HUNG_TASK}\n${HUNG_TASK}`))).toEqual(['hung-task', 'hung-task']);
  });

  test('takes a panic for part of the splat before it, and for one of its own when it comes later', () => {
    const panic = 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009';
    expect(kindsOf(stamped(`${WARNING}\n${panic}`))).toEqual(['warning']);
    expect(kindsOf(stamped(WARNING) + stamped(panic, { startS: 9 }))).toEqual(['warning', 'panic']);
  });

  test('finds both of two splats whose lines alternate, as those of two CPUs do', () => {
    const [one, other] = [WARNING, KERNEL_BUG].map((text) => text.split('\n'));
    const lines = one!.flatMap((line, index) => [line, ...(other![index] === undefined ? [] : [other![index]])]);
    expect(kindsOf(stamped(lines.join('\n')))).toEqual(['kernel-bug', 'warning']);
  });

  test('keeps alternating splats apart where the kernel names the caller', () => {
    const split = (text: string, caller: string): string[] => stamped(text, { caller }).trimEnd().split('\r\n');
    const [one, other] = [split(WARNING, '[   T77]'), split(NULL_POINTER, '[    C1]')];
    const lines = other.flatMap((line, index) => [line, ...(one[index] === undefined ? [] : [one[index]])]);
    const { findings } = parseConsole(lines.join('\r\n'));
    expect(findings.map(({ title }) => title)).toEqual([
      'BUG: kernel NULL pointer dereference in pick_task_scx',
      'WARNING in refcount_warn_saturate',
    ]);
    expect(findings[1]?.context.join('\n')).toBe(WARNING);
  });

  test('finds a reboot at its first line', () => {
    const boot = `Booting the kernel.\r\n${stamped('Linux version 6.12.1\nCommand line: quiet', { startS: 0 })}`;
    expect(parseConsole(boot).findings).toEqual([]);
    expect(parseConsole(boot + boot).findings).toMatchObject([{ kind: 'reboot', lineNumber: 4 }]);
  });

  test('keeps sched_ext lines apart: they are no splat and no part of one', () => {
    const { findings, schedExt } = parseConsole(stamped(`${WARNING.replace(/---\[ end trace.*/, STALL)}`));
    expect(findings.map(({ kind }) => kind)).toEqual(['warning']);
    expect(findings[0]?.context.filter((line) => line.startsWith('sched_ext:'))).toEqual([]);
    expect(schedExt.map(({ event }) => event)).toEqual(['disabled', 'message']);
  });
});
