import { isHarnessError } from '../src/errors';
import type { KernelMemory } from '../src/host/monitor/memory/kernel-memory';
import type { ReadExpression, ReadGroup, ReadPlan } from '../src/host/monitor/plan/read-plan';

/** As native/monitor. */
const GROUP_TRIES = 4;

/** What native/monitor does with a plan, in TypeScript: one value per expression, null where a pointer on its way led nowhere. */
export function executeInTs(memory: KernelMemory, { expressions, groups }: ReadPlan): (Buffer | null)[] {
  const values = expressions.map((expression) => evaluate(memory, expression));
  for (const group of groups) settle(memory, { expressions, group, values });
  return values;
}

/** Reads a group again until its guard has stood still. */
function settle(
  memory: KernelMemory,
  { expressions, group, values }: Pick<ReadPlan, 'expressions'> & { group: ReadGroup; values: (Buffer | null)[] },
): void {
  const guard = expressions[group.first];
  if (guard === undefined) throw new RangeError(`a group begins at expression ${group.first}`);
  for (let tries = 1; ; tries++) {
    const before = values[group.first] ?? null;
    const after = evaluate(memory, guard);
    if (before === null || after === null || before.equals(after) || tries === GROUP_TRIES) return;
    expressions.slice(group.first, group.first + group.count).forEach((expression, index) => {
      values[group.first + index] = evaluate(memory, expression);
    });
  }
}

function evaluate(memory: KernelMemory, { base, steps = [], offset = 0, length }: ReadExpression): Buffer | null {
  try {
    let address = base;
    for (const step of steps) {
      address = memory.readU64(address + BigInt(step));
      if (address === 0n) return null;
    }
    return memory.read(address + BigInt(offset), length);
  } catch (error) {
    if (isHarnessError(error, 'guest-memory')) return null;
    throw error;
  }
}
