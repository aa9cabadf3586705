import type { RunQueueView, SchedstatView, ScxRunQueueView } from '../../../verdict/monitor/guest-view';
import { hasMember } from '../btf/layout';
import type { Kernel } from './kernel';
import { dsqTasks } from './dsq-view';
import type { KernelObject } from './kernel-object';
import { taskView } from './task-view';

/** Reads the run queue of a CPU. */
export function runQueueView(kernel: Kernel, cpu: number): RunQueueView {
  const rq = kernel.perCpu('runqueues', cpu);
  const curr = rq.get('curr').target();
  return {
    cpu,
    nrRunning: rq.get('nr_running').number(),
    clockNs: rq.get('clock').big(),
    curr: taskView(kernel, curr),
    isIdle: curr.address === rq.get('idle').big(),
    schedstat: schedstatView(kernel, rq),
    scx: scxView(kernel, rq),
    object: rq,
  };
}

function schedstatView(kernel: Kernel, rq: KernelObject): SchedstatView | null {
  if (!hasMember(kernel.btf, 'rq', 'ttwu_count')) return null;
  const count = (name: string): number => rq.get(name).number();
  return {
    yldCount: count('yld_count'),
    schedCount: count('sched_count'),
    schedGoidle: count('sched_goidle'),
    ttwuCount: count('ttwu_count'),
    ttwuLocal: count('ttwu_local'),
    runCpuTimeNs: rq.get('rq_cpu_time').big(),
    runDelayNs: rq.get('rq_sched_info.run_delay').big(),
    runCount: rq.get('rq_sched_info.pcount').big(),
  };
}

function scxView(kernel: Kernel, rq: KernelObject): ScxRunQueueView | null {
  if (!hasMember(kernel.btf, 'rq', 'scx.local_dsq')) return null;
  return {
    nrRunning: rq.get('scx.nr_running').number(),
    flags: rq.get('scx.flags').number(),
    localDsqDepth: rq.get('scx.local_dsq.nr').number(),
    localDsq: () => dsqTasks(kernel, rq.get('scx.local_dsq')),
    waiting() {
      const nodes = kernel.list(rq.get('scx.runnable_list').address, 'task_struct', 'scx.runnable_node');
      return [...nodes].map((object) => taskView(kernel, object));
    },
  };
}
