import type { OptionIssue } from '../../errors';
import { MAX_WORKERS, WORK_TYPES, type WorkSpec } from './work-spec';

const FIELDS: Record<keyof WorkSpec, true> = { workers: true, workType: true };

/** What is wrong with a group of workers. `defaultWorkers` is the count of a group that gives none; unset means it is not known yet. */
export function workIssues(work: WorkSpec, defaultWorkers?: number): OptionIssue[] {
  const { workType, workers = defaultWorkers } = work;
  const unknown = Object.keys(work).filter((field) => !Object.hasOwn(FIELDS, field));
  const issues = unknown.map((field) => unknownField(field, work));
  if (!Object.hasOwn(WORK_TYPES, workType)) {
    const names = Object.keys(WORK_TYPES);
    const example = `workType: '${names[0]}'`;
    return [...issues, { option: 'workType', value: String(workType), allowed: names.join(', '), example }];
  }
  if (workers === undefined) return issues;
  const { groupSize } = WORK_TYPES[workType];
  return [...issues, ...workersIssues(workers), ...groupSizeIssues(workers, { name: workType, groupSize })];
}

function unknownField(field: string, work: WorkSpec): OptionIssue {
  const allowed = `no such field; there are ${Object.keys(FIELDS).join(', ')}`;
  return {
    option: field,
    value: String(Reflect.get(work, field)),
    allowed,
    example: `{ workType: 'SpinWait', workers: 2 }`,
  };
}

export function workersIssues(workers: number): OptionIssue[] {
  if (Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS) return [];
  const allowed = `a whole number from 1 to ${MAX_WORKERS}`;
  return [{ option: 'workers', value: String(workers), allowed, example: 'workers: 2' }];
}

/** Work types that come in groups (a waker with its wakees, say) need whole groups. */
export function groupSizeIssues(workers: number, workType: { name: string; groupSize: number }): OptionIssue[] {
  const { name, groupSize } = workType;
  if (workers % groupSize === 0) return [];
  const allowed = `a multiple of ${groupSize}, the group size of ${name}`;
  const example = `workers: ${Math.ceil(workers / groupSize) * groupSize}`;
  return [{ option: 'workers', value: String(workers), allowed, example }];
}
