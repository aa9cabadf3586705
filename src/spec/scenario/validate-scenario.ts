import { HarnessError, type OptionIssue } from '../../errors';
import type { GuestTopology } from '../topology/guest-topology';
import { workIssues } from '../workload/work-issues';
import { cgroupNameIssues, type CgroupDefData } from './cgroup-def';
import { cpusetIssues } from './cpuset-spec';
import { cpusetIssuesOn } from './resolve-cpuset';

/** What is known about the run; what is unset is not checked against. */
export interface ScenarioFacts {
  workersPerCgroup?: number;
  topology?: GuestTopology;
}

/**
 * Judges a whole scenario before anything of it is created.
 *
 * @throws HarnessError `options-invalid` with every issue; options are named like `cg_0.cpuset.index`
 */
export function validateScenario(defs: readonly CgroupDefData[], facts: ScenarioFacts = {}): void {
  const issues = [...defs.flatMap((def) => defIssues(def, facts)), ...duplicateNames(defs), ...nestedWorkers(defs)];
  if (issues.length > 0) throw new HarnessError('options-invalid', { subject: 'scenario', issues });
}

function defIssues(def: CgroupDefData, { workersPerCgroup, topology }: ScenarioFacts): OptionIssue[] {
  const works = def.works.length > 0 ? def.works : [{ workType: 'SpinWait' } as const];
  return [
    ...cgroupNameIssues(def.name),
    ...cpusetOf(def, topology).map(under(`${def.name}.cpuset`)),
    ...works.flatMap((work, i) => workIssues(work, workersPerCgroup).map(under(`${def.name}.works.${i}`))),
  ];
}

function cpusetOf({ cpuset }: CgroupDefData, topology: GuestTopology | undefined): OptionIssue[] {
  if (cpuset === undefined) return [];
  return topology === undefined ? cpusetIssues(cpuset) : cpusetIssuesOn(cpuset, topology);
}

function under(prefix: string): (issue: OptionIssue) => OptionIssue {
  return (issue) => ({ ...issue, option: `${prefix}.${issue.option}` });
}

function duplicateNames(defs: readonly CgroupDefData[]): OptionIssue[] {
  const names = defs.map((def) => def.name);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  return [...twice].map((name) => ({
    option: 'name',
    value: JSON.stringify(name),
    allowed: 'a name of its own for each cgroup',
    example: `CgroupDef.named('${name}_2')`,
  }));
}

/** cgroup v2 has no workers in a cgroup that hands controllers on to cgroups below it, and every definition has workers. */
function nestedWorkers(defs: readonly CgroupDefData[]): OptionIssue[] {
  return defs.flatMap(({ name }) => {
    const outer = defs.find((candidate) => name.startsWith(`${candidate.name}/`));
    if (outer === undefined) return [];
    const allowed = `a place outside of "${outer.name}": a cgroup with workers has no cgroups below it`;
    return [{ option: 'name', value: JSON.stringify(name), allowed, example: `CgroupDef.named('${outer.name}_2')` }];
  });
}
