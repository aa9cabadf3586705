import type { ScxTaskView, TaskView } from '../../../verdict/monitor/guest-view';
import type { SchedClass } from '../../../verdict/monitor/failure-dump';
import { hasMember } from '../btf/layout';
import { type Kernel, MAX_LIST } from './kernel';
import type { KernelObject } from './kernel-object';

/** Scheduling classes by the kernel's variables. */
const CLASSES: Readonly<Record<string, SchedClass>> = {
  stop_sched_class: 'stop',
  dl_sched_class: 'deadline',
  rt_sched_class: 'rt',
  fair_sched_class: 'fair',
  ext_sched_class: 'ext',
  idle_sched_class: 'idle',
};

/** Reads a task_struct. */
export function taskView(kernel: Kernel, object: KernelObject): TaskView {
  return {
    pid: object.get('pid').number(),
    tgid: object.get('tgid').number(),
    comm: object.get('comm').text(),
    cpu: object.get('thread_info.cpu').number(),
    isOnCpu: object.get('on_cpu').number() !== 0,
    isQueued: object.get('on_rq').number() === 1,
    state: object.get('__state').number(),
    schedClass: classOf(kernel, object),
    prio: object.get('prio').number(),
    sumExecRuntimeNs: object.get('se.sum_exec_runtime').big(),
    scx: scxView(kernel, object),
    object,
  };
}

/** Every thread of the guest, process by process; the idle tasks are of no process. */
export function* tasks(kernel: Kernel): Generator<TaskView> {
  const init = kernel.global('init_task', 'task_struct');
  // Lists that lead astray may do so one after the other.
  let left = MAX_LIST;
  for (const leader of kernel.list(init.get('tasks').address, 'task_struct', 'tasks')) {
    const threads = leader.get('signal').target().get('thread_head').address;
    for (const thread of kernel.list(threads, 'task_struct', 'thread_node')) {
      if (left-- === 0) return;
      yield taskView(kernel, thread);
    }
  }
}

function classOf(kernel: Kernel, object: KernelObject): SchedClass | null {
  const at = kernel.symbols.at(object.get('sched_class').big());
  return (at?.offset === 0n && CLASSES[at.name]) || null;
}

function scxView(kernel: Kernel, object: KernelObject): ScxTaskView | null {
  if (!hasMember(kernel.btf, 'task_struct', 'scx')) return null;
  const dsq = object.get('scx.dsq').big();
  return {
    sliceNs: object.get('scx.slice').big(),
    dsqVtime: object.get('scx.dsq_vtime').big(),
    weight: object.get('scx.weight').number(),
    flags: object.get('scx.flags').number(),
    runnableAt: object.get('scx.runnable_at').big(),
    dsqId: dsq === 0n ? null : object.get('scx.dsq').get('id').big(),
  };
}
