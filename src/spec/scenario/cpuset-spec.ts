import { HarnessError, type OptionIssue } from '../../errors';

/**
 * Which CPUs a cgroup may use. `llc`, `numa` and `exact` speak of all CPUs of the machine; `range`, `disjoint` and `overlap` speak of
 * positions in the sorted list of usable CPUs: all CPUs, less the last one when there are more than two (it is kept for the root cgroup).
 */
export type CpusetSpec =
  | { kind: 'llc'; index: number }
  | { kind: 'numa'; node: number }
  | { kind: 'range'; start: number; end: number }
  | { kind: 'disjoint'; index: number; of: number }
  | { kind: 'overlap'; index: number; of: number; fraction: number }
  | { kind: 'exact'; cpus: number[] };

/** Builds cpusets. Each throws a `HarnessError` `options-invalid` for what no machine can have; the rest is told when the machine is known. */
export const Cpuset = {
  /** All CPUs under one last-level cache; `index` from 0, in order of the lowest CPU. */
  llc: (index: number): CpusetSpec => checked({ kind: 'llc', index }),

  /** All CPUs of one NUMA node; `node` is the kernel's node number. */
  numa: (node: number): CpusetSpec => checked({ kind: 'numa', node }),

  /** The usable CPUs at positions `start` to `end`, `end` not included. */
  range: (start: number, end: number): CpusetSpec => checked({ kind: 'range', start, end }),

  /** Part `index` (from 0) of the usable CPUs cut into `of` parts next to each other, whose sizes differ by one CPU at most. */
  disjoint: (index: number, of: number): CpusetSpec => checked({ kind: 'disjoint', index, of }),

  /** Like `disjoint`, then grown into both neighbours by `fraction` (0 to 1) of its own size, rounded up to whole CPUs. */
  overlap: (index: number, of: number, fraction: number): CpusetSpec =>
    checked({ kind: 'overlap', index, of, fraction }),

  /** Just these CPUs, by number. */
  exact: (...cpus: number[]): CpusetSpec => checked({ kind: 'exact', cpus }),
};

/** The call that builds the cpuset, e.g. `Cpuset.disjoint(0, 2)`. */
export function cpusetLabel(spec: CpusetSpec): string {
  const { kind, ...fields } = spec;
  return `Cpuset.${kind}(${Object.values(fields).flat().join(', ')})`;
}

/** What is wrong with a cpuset on every machine. */
export function cpusetIssues(spec: CpusetSpec): OptionIssue[] {
  switch (spec.kind) {
    case 'llc':
      return positionIssues('index', spec.index, 'Cpuset.llc(0)');
    case 'numa':
      return positionIssues('node', spec.node, 'Cpuset.numa(0)');
    case 'range':
      return rangeIssues(spec);
    case 'disjoint':
      return partIssues(spec, 'Cpuset.disjoint(0, 2)');
    case 'overlap':
      return [...partIssues(spec, 'Cpuset.overlap(0, 2, 0.5)'), ...fractionIssues(spec.fraction)];
    case 'exact':
      return exactIssues(spec.cpus);
    default:
      return [unknownKind(spec)];
  }
}

function checked(spec: CpusetSpec): CpusetSpec {
  const issues = cpusetIssues(spec);
  if (issues.length > 0) throw new HarnessError('options-invalid', { subject: cpusetLabel(spec), issues });
  return spec;
}

function isPosition(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function positionIssues(option: string, value: number, example: string): OptionIssue[] {
  if (isPosition(value)) return [];
  return [{ option, value: String(value), allowed: 'a whole number from 0', example }];
}

function rangeIssues({ start, end }: { start: number; end: number }): OptionIssue[] {
  const example = 'Cpuset.range(0, 2)';
  const issues = [...positionIssues('start', start, example), ...positionIssues('end', end, example)];
  if (issues.length > 0 || start < end) return issues;
  return [{ option: 'end', value: String(end), allowed: `more than start, which is ${start}`, example }];
}

function partIssues({ index, of }: { index: number; of: number }, example: string): OptionIssue[] {
  if (!isPosition(of) || of === 0) {
    return [{ option: 'of', value: String(of), allowed: 'a whole number from 1', example }];
  }
  if (isPosition(index) && index < of) return [];
  const allowed = `a whole number from 0 to ${of - 1}, for one of ${of} parts`;
  return [{ option: 'index', value: String(index), allowed, example }];
}

function fractionIssues(fraction: number): OptionIssue[] {
  if (fraction >= 0 && fraction <= 1) return [];
  const example = 'Cpuset.overlap(0, 2, 0.5)';
  return [{ option: 'fraction', value: String(fraction), allowed: 'a number from 0 to 1', example }];
}

function exactIssues(cpus: readonly number[]): OptionIssue[] {
  const example = 'Cpuset.exact(0, 1)';
  if (cpus.length === 0) return [{ option: 'cpus', value: 'none', allowed: 'at least one CPU', example }];
  return cpus.flatMap((cpu) => positionIssues('cpus', cpu, example));
}

function unknownKind(spec: never): OptionIssue {
  const kinds = Object.keys(Cpuset).join(', ');
  return { option: 'kind', value: String((spec as CpusetSpec).kind), allowed: kinds, example: 'Cpuset.llc(0)' };
}
