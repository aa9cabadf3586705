import { HarnessError, type OptionIssue } from '../../errors';
import { workersIssues, workIssues } from '../workload/work-issues';
import type { WorkSpec } from '../workload/work-spec';
import type { CpusetSpec } from './cpuset-spec';

/** A cgroup with its workers, as plain data: this is what crosses every boundary and what the engine interprets. */
export interface CgroupDefData {
  name: string;
  cpuset?: CpusetSpec;
  /** Concurrent groups of workers; empty means one default group of `ctx.workersPerCgroup` SpinWait workers. */
  works: WorkSpec[];
}

/** One directory name: what systemd and the kernel's own tools print without quoting. */
const SEGMENT = /^[\w.:@-]{1,255}$/;

/**
 * Builds a `CgroupDefData`. Every call returns a new definition and leaves the old one as it was.
 *
 * @example CgroupDef.named('cg_0').workers(4).cpuset(Cpuset.llc(0))
 */
export class CgroupDef {
  readonly #name: string;
  readonly #cpuset: CpusetSpec | undefined;
  readonly #spinners: number | undefined;
  readonly #works: readonly WorkSpec[];

  private constructor(parts: Parts) {
    this.#name = parts.name;
    this.#cpuset = parts.cpuset;
    this.#spinners = parts.spinners;
    this.#works = parts.works;
  }

  /**
   * A cgroup with one group of `ctx.workersPerCgroup` SpinWait workers, on all CPUs. `name` is a path below the root of the workload, e.g.
   * `cg_0` or `outer/inner`.
   *
   * @throws HarnessError `options-invalid` when `name` is empty, absolute or leaves its place (`..`)
   */
  static named(name: string): CgroupDef {
    reject(`cgroup "${name}"`, cgroupNameIssues(name));
    return new CgroupDef({ name, cpuset: undefined, spinners: undefined, works: [] });
  }

  /**
   * Size of the cgroup's own group of SpinWait workers, from 1 to 4096; the last call counts. Groups that `work` adds run beside it.
   *
   * @throws HarnessError `options-invalid` when the count is out of range
   */
  workers(count: number): CgroupDef {
    reject(`cgroup "${this.#name}"`, workersIssues(count));
    return new CgroupDef({ ...this.#parts(), spinners: count });
  }

  /** The CPUs that the cgroup may use; the last call counts. */
  cpuset(cpuset: CpusetSpec): CgroupDef {
    return new CgroupDef({ ...this.#parts(), cpuset });
  }

  /**
   * Adds a group of workers that run at the same time as the others. Without `workers` it has `ctx.workersPerCgroup`.
   *
   * @throws HarnessError `options-invalid` when the work type is unknown or the count is not possible for it
   */
  work(work: WorkSpec): CgroupDef {
    reject(`cgroup "${this.#name}"`, workIssues(work));
    return new CgroupDef({ ...this.#parts(), works: [...this.#works, { ...work }] });
  }

  toData(): CgroupDefData {
    const own: WorkSpec[] = this.#spinners === undefined ? [] : [{ workType: 'SpinWait', workers: this.#spinners }];
    return {
      name: this.#name,
      ...(this.#cpuset === undefined ? {} : { cpuset: this.#cpuset }),
      works: [...own, ...this.#works.map((work) => ({ ...work }))],
    };
  }

  #parts(): Parts {
    return { name: this.#name, cpuset: this.#cpuset, spinners: this.#spinners, works: this.#works };
  }
}

interface Parts {
  name: string;
  cpuset: CpusetSpec | undefined;
  spinners: number | undefined;
  works: readonly WorkSpec[];
}

/** What is wrong with the name of a cgroup. */
export function cgroupNameIssues(name: string): OptionIssue[] {
  const isPath =
    typeof name === 'string' && name.split('/').every((part) => SEGMENT.test(part) && part !== '.' && part !== '..');
  if (isPath) return [];
  const allowed = 'names of letters, digits and _ . : @ -, joined by / when nested, and none of them . or ..';
  return [{ option: 'name', value: JSON.stringify(name) ?? String(name), allowed, example: `CgroupDef.named('cg_0')` }];
}

function reject(subject: string, issues: OptionIssue[]): void {
  if (issues.length > 0) throw new HarnessError('options-invalid', { subject, issues });
}
