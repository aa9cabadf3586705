/** Texts in the form in which Linux prints them, with the places and numbers of no particular machine. */

/** Puts the time and, where there is one, the caller in front of every line, a millisecond apart. */
export function stamped(text: string, { startS = 1, caller = '' } = {}): string {
  return text
    .split('\n')
    .map((line, index) => `[${(startS + index / 1000).toFixed(6).padStart(12)}]${caller} ${line}\r\n`)
    .join('');
}

const REGISTERS = `RSP: 0018:ffffa3c8c0013e28 EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffff9d4c81a3c000 RCX: 0000000000000000`;

const TRACE = `Call Trace:
 <TASK>
 ? __die_body+0x1b/0x60
 vfs_write+0xf4/0x430
 entry_SYSCALL_64_after_hwframe+0x76/0x7e
 </TASK>
---[ end trace 0000000000000000 ]---`;

export const NULL_POINTER = `BUG: kernel NULL pointer dereference, address: 0000000000000008
#PF: supervisor read access in kernel mode
#PF: error_code(0x0000) - not-present page
PGD 0 P4D 0
Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI
CPU: 1 UID: 0 PID: 77 Comm: node Not tainted 6.12.1-amd64 #1
Hardware name: QEMU microvm, BIOS
RIP: 0010:pick_task_scx+0x2c/0x90 [scx_mod]
${REGISTERS}
${TRACE}
RIP: 0010:pick_task_scx+0x2c/0x90 [scx_mod]
${REGISTERS}
Kernel panic - not syncing: Fatal exception
Kernel Offset: 0x2a000000 from 0xffffffff81000000`;

export const WARNING = `------------[ cut here ]------------
refcount_t: underflow; use-after-free.
WARNING: CPU: 3 PID: 412 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110
Modules linked in: virtio_console
CPU: 3 UID: 0 PID: 412 Comm: kworker/3:1 Not tainted 6.12.1-amd64 #1
RIP: 0010:refcount_warn_saturate+0xba/0x110
${REGISTERS}
${TRACE}`;

export const KERNEL_BUG = `------------[ cut here ]------------
kernel BUG at kernel/sched/core.c:1234!
Oops: invalid opcode: 0000 [#2] PREEMPT SMP
CPU: 0 UID: 0 PID: 1 Comm: node Tainted: G        W          6.12.1-amd64 #1
RIP: 0010:set_task_cpu.constprop.0+0x1a2/0x1d0
${TRACE}`;

export const HUNG_TASK = `INFO: task node:91 blocked for more than 1 seconds.
      Not tainted 6.12.1-amd64 #1
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:node            state:D stack:0     pid:91    tgid:91    ppid:1      flags:0x00000002
Call Trace:
 <TASK>
 __schedule+0x400/0xb10
 schedule+0x27/0xf0
 schedule_preempt_disabled+0x15/0x30
 __mutex_lock.constprop.0+0x3a0/0x700
 __fdget_pos+0x4d/0x60
 ksys_read+0x26/0xf0
 </TASK>`;

export const RCU_STALL = `rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: \t1-...0: (1 GPs behind) idle=b5ac/1/0x4000000000000000 softirq=100/101 fqs=2625
rcu: \t(detected by 0, t=5252 jiffies, g=-1199, q=2 ncpus=2)
Sending NMI from CPU 0 to CPUs 1:
rcu: rcu_preempt kthread starved for 5250 jiffies! g-1199 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1
rcu: \tUnless rcu_preempt kthread gets sufficient CPU time, OOM is now expected behavior.`;

export const SOFT_LOCKUP = `watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [worker:77]
Modules linked in:
CPU: 1 UID: 0 PID: 77 Comm: worker Not tainted 6.12.1-amd64 #1
RIP: 0010:native_queued_spin_lock_slowpath+0x60/0x2b0
${REGISTERS}
Call Trace:
 <TASK>
 _raw_spin_lock+0x29/0x30
 </TASK>`;

export const LOCKDEP = `======================================================
WARNING: possible circular locking dependency detected
6.12.1-amd64 #1 Not tainted
------------------------------------------------------
node/77 is trying to acquire lock:
ffff9d4c81a3c098 (&rq->__lock){-.-.}-{2:2}, at: raw_spin_rq_lock_nested+0x1e/0x30`;

export const STALL = `sched_ext: BPF scheduler "fixture" disabled (runnable task stall)
sched_ext: fixture: worker[42] failed to run for 5.004s
   scx_watchdog_workfn+0x14d/0x1c0
   process_one_work+0x17d/0x390`;
