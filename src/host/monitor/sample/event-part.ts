import { SCX_EVENTS, type ScxEvent } from '../../../verdict/monitor/sample';
import { hasMember, member } from '../btf/layout';
import { StructBytes } from '../btf/struct-bytes';
import type { Kernel } from '../kernel/kernel';
import type { PlanRecord } from '../plan/decode-record';
import type { ReadExpression } from '../plan/read-plan';

type Events = Partial<Record<ScxEvent, bigint>>;
type Place = Omit<ReadExpression, 'length'>;

const STRUCT = 'scx_event_stats';

/** Has a plan read a CPU's counters of sched_ext's events; null for every record of a kernel without, or while no scheduler is attached. */
export function eventPart(
  kernel: Kernel,
  { cpu, add }: { cpu: number; add: (expression: ReadExpression) => number },
): (record: PlanRecord) => Events | null {
  const place = kernel.btf.find('struct', STRUCT) === undefined ? null : placeOf(kernel, cpu);
  if (place === null) return () => null;
  const struct = new StructBytes(kernel.btf, STRUCT);
  const counters = SCX_EVENTS.map((event) => ({ event, path: `SCX_EV_${event.toUpperCase()}` }));
  const known = counters.filter(({ path }) => struct.has(path));
  const at = add({ ...place, length: struct.sizeBytes });
  return (record) => {
    const bytes = record.value(at);
    if (bytes === null) return null;
    const events: Events = {};
    for (const { event, path } of known) events[event] = struct.big(bytes, path);
    return events;
  };
}

/** Where they are: of each CPU as a variable at first (6.15), then of each scheduler (6.16), then among more of each scheduler (6.18). */
function placeOf(kernel: Kernel, cpu: number): Place | null {
  const { symbols, btf } = kernel;
  const root = symbols.find('scx_root');
  // A distance of less than 2^53: what the CPU's memory is away from where the kernel counts from.
  const perCpu = Number(BigInt.asIntN(64, kernel.perCpuBase(cpu)));
  const behind = (path: string, offset: number): Place | null =>
    root === undefined ? null : { base: root, steps: [0, member(btf, 'scx_sched', path).offsetBytes], offset };
  if (hasMember(btf, 'scx_sched_pcpu', 'event_stats'))
    return behind('pcpu', perCpu + member(btf, 'scx_sched_pcpu', 'event_stats').offsetBytes);
  if (hasMember(btf, 'scx_sched', 'event_stats_cpu')) return behind('event_stats_cpu', perCpu);
  const variable = symbols.find('event_stats_cpu');
  return variable === undefined ? null : { base: variable + kernel.perCpuBase(cpu) };
}
