import type { ScxView } from '../../../verdict/monitor/guest-view';
import type { Kernel } from './kernel';
import type { KernelObject } from './kernel-object';
import { SCX_DISABLED, scxState } from './scx-state';

/** Reads sched_ext's own variables; null for a kernel without it. */
export function scxView(kernel: Kernel): ScxView | null {
  const variable = scxState(kernel);
  if (variable === null) return null;
  const state = variable.nameOf(kernel.memory.readU32(variable.address));
  // From 6.16 on they are members of the attached scheduler.
  const root = kernel.pointed('scx_root', 'scx_sched');
  const exitKind = root?.get('exit_kind.counter').big() ?? counter(kernel, 'scx_exit_kind');
  const timeout = kernel.symbols.find('scx_watchdog_timeout');
  const { hz } = kernel;
  return {
    state,
    ops: state === SCX_DISABLED ? null : opsOf(kernel, root).get('name').text(),
    exitKind: named(kernel, 'scx_exit_kind', exitKind ?? 0n),
    watchdogTimeoutMs:
      timeout === undefined || hz === null ? null : (Number(kernel.memory.readU64(timeout)) / hz) * 1000,
  };
}

function opsOf(kernel: Kernel, root: KernelObject | null): KernelObject {
  return root?.get('ops') ?? kernel.global('scx_ops', 'sched_ext_ops');
}

/** Of an atomic_t. */
function counter(kernel: Kernel, symbol: string): bigint | null {
  const address = kernel.symbols.find(symbol);
  return address === undefined ? null : BigInt(kernel.memory.readU32(address));
}

function named(kernel: Kernel, type: string, value: bigint): string {
  for (const [name, own] of kernel.btf.enumValues(type)) if (own === value) return name;
  return String(value);
}
