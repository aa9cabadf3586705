import type { OptionIssue } from '../../errors';
import { cpuCount, type Topology } from '../topology/topology';

/** Shapes of a machine that a scheduler can run on. Unset bounds do not count; both ends are included. */
export interface TopologyConstraints {
  minNumaNodes?: number | undefined;
  maxNumaNodes?: number | undefined;
  minLlcs?: number | undefined;
  maxLlcs?: number | undefined;
  minCpus?: number | undefined;
  maxCpus?: number | undefined;
  requiresSmt?: boolean | undefined;
}

const BOUNDS = [
  { what: 'numaNodes', min: 'minNumaNodes', max: 'maxNumaNodes', of: (shape: Topology) => shape.numaNodes },
  { what: 'llcs', min: 'minLlcs', max: 'maxLlcs', of: (shape: Topology) => shape.llcs },
  { what: 'CPUs', min: 'minCpus', max: 'maxCpus', of: cpuCount },
] as const;

const NAMES: readonly string[] = [...BOUNDS.flatMap(({ min, max }) => [min, max]), 'requiresSmt'];

/** What is wrong with the constraints themselves. */
export function constraintIssues(constraints: TopologyConstraints): OptionIssue[] {
  const unknown = Object.keys(constraints).filter((name) => !NAMES.includes(name));
  return [
    ...unknown.map((name) => ({
      option: `constraints.${name}`,
      value: String((constraints as Record<string, unknown>)[name]),
      allowed: `one of ${NAMES.join(', ')}`,
      example: 'constraints: { minLlcs: 2 }',
    })),
    ...BOUNDS.flatMap(({ min, max }) => boundIssues(constraints, min, max)),
  ];
}

function boundIssues(
  constraints: TopologyConstraints,
  min: (typeof BOUNDS)[number]['min'],
  max: (typeof BOUNDS)[number]['max'],
): OptionIssue[] {
  const lowest = constraints[min];
  const highest = constraints[max];
  for (const [name, value] of [
    [min, lowest],
    [max, highest],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      const allowed = 'a whole number from 1';
      return [{ option: `constraints.${name}`, value: String(value), allowed, example: `${name}: 2` }];
    }
  }
  if (lowest === undefined || highest === undefined || lowest <= highest) return [];
  const allowed = `at most ${max}, which is ${highest}`;
  return [{ option: `constraints.${min}`, value: String(lowest), allowed, example: `${min}: ${highest}` }];
}

/** What keeps a scheduler with these constraints from running on a machine of this shape. */
export function shapeIssues(constraints: TopologyConstraints, shape: Topology, scheduler: string): OptionIssue[] {
  const issues = BOUNDS.flatMap(({ what, min, max, of }): OptionIssue[] => {
    const value = of(shape);
    const lowest = constraints[min] ?? 0;
    const highest = constraints[max] ?? Infinity;
    if (value >= lowest && value <= highest) return [];
    const range = highest === Infinity ? `from ${lowest}` : `from ${lowest} to ${highest}`;
    const allowed = `${range} with scheduler "${scheduler}" (its constraints)`;
    return [
      {
        option: what,
        value: String(value),
        allowed,
        example: what === 'CPUs' ? 'cores: 2' : `${what}: ${Math.max(lowest, 1)}`,
      },
    ];
  });
  if (constraints.requiresSmt !== true || shape.threads > 1) return issues;
  const allowed = `from 2 with scheduler "${scheduler}", which requires SMT`;
  return [...issues, { option: 'threads', value: String(shape.threads), allowed, example: 'threads: 2' }];
}
