import type { Kernel } from './kernel';

/** Where sched_ext keeps whether it is on. */
export interface ScxState {
  /** Of an atomic_t. */
  address: bigint;
  /** As `ENABLED`, without what the kernel's own names begin with. */
  nameOf(value: number): string;
  /** What the variable holds in a state, by its name; undefined for one that this kernel does not have. */
  valueOf(name: string): number | undefined;
}

/** The state while no scheduler is attached. */
export const SCX_DISABLED = 'DISABLED';
/** The state while one is. */
export const SCX_ENABLED = 'ENABLED';

/** The variable, its enum, and how its names begin; renamed in 6.15. */
const VARIANTS = [
  { variable: 'scx_ops_enable_state_var', type: 'scx_ops_enable_state', prefix: 'SCX_OPS_' },
  { variable: 'scx_enable_state_var', type: 'scx_enable_state', prefix: 'SCX_' },
] as const;

/** Null for a kernel without sched_ext. */
export function scxState({ symbols, btf }: Kernel): ScxState | null {
  for (const { variable, type, prefix } of VARIANTS) {
    const address = symbols.find(variable);
    if (address === undefined) continue;
    const states = [...btf.enumValues(type)].map(([name, value]) => [name.replace(prefix, ''), Number(value)] as const);
    const values = new Map(states);
    const names = new Map(states.map(([name, value]) => [value, name]));
    return {
      address,
      nameOf: (value) => names.get(value) ?? String(value),
      valueOf: (name) => values.get(name),
    };
  }
  return null;
}
