import { HarnessError, type OptionIssue } from '../../errors';
import { formatCpuList } from '../topology/cpu-list';
import { usableCpus } from '../topology/cpu-numbering';
import type { GuestTopology } from '../topology/guest-topology';
import { cpusetIssues, cpusetLabel, type CpusetSpec } from './cpuset-spec';

/** Keeps a product like 0.1 * 30 = 3.0000000000000004 from being rounded up by a whole CPU. */
const ROUNDING_EPSILON = 1e-9;

type Placement = { cpus: number[] } | { issue: OptionIssue };

/**
 * The CPUs that a cpuset means on a machine: sorted, at least one.
 *
 * @throws HarnessError `options-invalid` when the machine has no such CPUs; nothing is clamped
 */
export function resolveCpuset(spec: CpusetSpec, topology: GuestTopology): number[] {
  const issues = cpusetIssues(spec);
  if (issues.length > 0) throw new HarnessError('options-invalid', { subject: cpusetLabel(spec), issues });
  const placement = place(spec, topology);
  if ('cpus' in placement) return placement.cpus;
  throw new HarnessError('options-invalid', { subject: cpusetLabel(spec), issues: [placement.issue] });
}

/** What is wrong with a cpuset on this machine. */
export function cpusetIssuesOn(spec: CpusetSpec, topology: GuestTopology): OptionIssue[] {
  const issues = cpusetIssues(spec);
  if (issues.length > 0) return issues;
  const placement = place(spec, topology);
  return 'issue' in placement ? [placement.issue] : [];
}

function place(spec: CpusetSpec, topology: GuestTopology): Placement {
  switch (spec.kind) {
    case 'llc':
      return placeLlc(spec.index, topology);
    case 'numa':
      return placeNode(spec.node, topology);
    case 'range':
      return placeRange(spec, usableCpus(topology.cpus));
    case 'disjoint':
      return placePart({ ...spec, fraction: 0 }, usableCpus(topology.cpus));
    case 'overlap':
      return placePart(spec, usableCpus(topology.cpus));
    case 'exact':
      return placeExact(spec.cpus, topology);
  }
}

function placeLlc(index: number, { llcs }: GuestTopology): Placement {
  const llc = llcs[index];
  if (llc !== undefined) return { cpus: llc.cpus };
  const allowed = `from 0 to ${llcs.length - 1}: the machine has ${llcs.length} LLC${llcs.length === 1 ? '' : 's'}`;
  return { issue: { option: 'index', value: String(index), allowed, example: `Cpuset.llc(${llcs.length - 1})` } };
}

function placeNode(id: number, { nodes }: GuestTopology): Placement {
  const node = nodes.find((candidate) => candidate.id === id && candidate.cpus.length > 0);
  if (node !== undefined) return { cpus: node.cpus };
  const ids = nodes.filter((candidate) => candidate.cpus.length > 0).map((candidate) => candidate.id);
  const allowed = `a NUMA node that has CPUs: ${ids.join(', ')}`;
  return { issue: { option: 'node', value: String(id), allowed, example: `Cpuset.numa(${ids[0]})` } };
}

function placeRange({ start, end }: { start: number; end: number }, usable: number[]): Placement {
  if (end <= usable.length) return { cpus: usable.slice(start, end) };
  const allowed = `at most ${usable.length}, the number of usable CPUs (${formatCpuList(usable)})`;
  return { issue: { option: 'end', value: String(end), allowed, example: `Cpuset.range(0, ${usable.length})` } };
}

function placePart(part: { index: number; of: number; fraction: number }, usable: number[]): Placement {
  const { index, of, fraction } = part;
  if (of > usable.length) {
    const allowed = `at most ${usable.length}, one part per usable CPU (${formatCpuList(usable)})`;
    const example = `Cpuset.disjoint(0, ${usable.length})`;
    return { issue: { option: 'of', value: String(of), allowed, example } };
  }
  const start = Math.floor((index * usable.length) / of);
  const end = Math.floor(((index + 1) * usable.length) / of);
  const grown = Math.ceil((end - start) * fraction - ROUNDING_EPSILON);
  return { cpus: usable.slice(Math.max(start - grown, 0), end + grown) };
}

function placeExact(cpus: readonly number[], topology: GuestTopology): Placement {
  const missing = cpus.filter((cpu) => !topology.cpus.includes(cpu));
  if (missing.length === 0) return { cpus: [...new Set(cpus)].sort((a, b) => a - b) };
  const all = formatCpuList(topology.cpus);
  const allowed = `CPUs of the machine: ${all}`;
  return {
    issue: { option: 'cpus', value: missing.join(', '), allowed, example: `Cpuset.exact(${topology.cpus[0]})` },
  };
}
