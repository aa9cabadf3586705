import { member } from '../src/host/monitor/btf/layout';
import type { Kernel } from '../src/host/monitor/kernel/kernel';
import type { PlanRecord } from '../src/host/monitor/plan/decode-record';
import type { ReadPlan } from '../src/host/monitor/plan/read-plan';
import type { DrgnOrders, RunQueueValues } from './peer-drgn';

/** Where the values of run queues are that the monitor and drgn both read. */
export function runQueuePlaces(kernel: Kernel, cpuCount: number): Omit<DrgnOrders, 'core'> {
  const offset = (struct: string, path: string): number => member(kernel.btf, struct, path).offsetBytes;
  const [nr_running, clock, curr] = [offset('rq', 'nr_running'), offset('rq', 'clock'), offset('rq', 'curr')];
  const runqueues = kernel.symbols.need('runqueues');
  return {
    queues: Array.from({ length: cpuCount }, (_, cpu) => runqueues + kernel.perCpuBase(cpu)),
    offsets: { nr_running, clock, curr, pid: offset('task_struct', 'pid') },
  };
}

/** The same as a read plan. */
export function runQueuePlan({ queues, offsets }: Omit<DrgnOrders, 'core'>): ReadPlan {
  const expressions = queues.flatMap((base) => [
    { base, offset: offsets.nr_running, length: 4 },
    { base, offset: offsets.clock, length: 8 },
    { base, steps: [offsets.curr], offset: offsets.pid, length: 4 },
  ]);
  return { expressions, groups: [], threads: [] };
}

/** @throws {Error} when a value could not be read */
export function runQueueValues(record: PlanRecord, cpuCount: number): RunQueueValues[] {
  return Array.from({ length: cpuCount }, (_, cpu) => {
    const [nrRunning, clockNs, pid] = [record.u32(cpu * 3), record.u64(cpu * 3 + 1), record.u32(cpu * 3 + 2)];
    if (nrRunning === null || clockNs === null || pid === null) throw new Error(`CPU ${cpu} could not be read`);
    return { nrRunning, clockNs, pid };
  });
}
