import { isHarnessError } from '../../../errors';
import { hasMember, member } from '../btf/layout';
import { type CpuRegisters, isKernelAddress } from '../cpu-registers';
import type { Kernel } from '../kernel/kernel';
import type { TaskView } from '../../../verdict/monitor/guest-view';
import { framePointerStep } from './frame-pointers';
import { bpfNameAt } from './bpf-symbols';
import { OrcTables } from './orc';

/** Where a walk up a stack is. `isReturn` tells an address behind a call from one that is itself executed next. */
export interface StackState {
  ip: bigint;
  sp: bigint;
  bp: bigint;
  isReturn: boolean;
}

/** One function of a stack. */
export interface StackFrame {
  address: bigint;
  /** As `schedule+0x1f`; null where there is no symbol. */
  name: string | null;
}

const MAX_FRAMES = 64;

/** Reads stacks of the kernel: by its ORC tables where it has them, else by frame pointers. */
export class Unwinder {
  readonly #kernel: Kernel;
  readonly #step: (state: StackState) => StackState | null;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const orc = OrcTables.find(kernel);
    this.#step = orc ? (state) => orc.step(state) : (state) => framePointerStep(kernel, state);
  }

  /** Of a vcpu that stands still, the innermost function first; empty while it is in user space. */
  ofCpu({ rip, rsp, rbp }: CpuRegisters): StackFrame[] {
    return isKernelAddress(rip) ? this.#walk({ ip: rip, sp: rsp, bp: rbp, isReturn: false }) : [];
  }

  /** Of a task that does not run: where it gave its CPU away. */
  ofTask({ object }: TaskView): StackFrame[] {
    const { memory, btf } = this.#kernel;
    const sp = object.get('thread.sp').big();
    const size = BigInt(btf.struct(FRAME).sizeBytes);
    const at = (name: string): bigint => memory.readU64(sp + BigInt(member(btf, FRAME, name).offsetBytes));
    return this.#walk({ ip: at('ret_addr'), sp: sp + size, bp: at('bp'), isReturn: true });
  }

  #walk(start: StackState): StackFrame[] {
    const frames: StackFrame[] = [];
    const seen = new Set<string>();
    for (
      let state: StackState | null = start;
      state !== null && frames.length < MAX_FRAMES;
      state = this.#next(state)
    ) {
      const place = `${state.ip} ${state.sp} ${state.bp}`;
      if (!isKernelAddress(state.ip) || seen.has(place)) break;
      seen.add(place);
      // A call may be the last instruction of its function, and then returns behind it.
      const inside = state.isReturn ? state.ip - 1n : state.ip;
      frames.push({ address: state.ip, name: this.#nameAt(inside, state.ip) });
    }
    return frames;
  }

  /** A stack that leads into memory that is not there ends. */
  #next(state: StackState): StackState | null {
    try {
      return this.#step(state);
    } catch (error) {
      if (isHarnessError(error, 'guest-memory')) return null;
      throw error;
    }
  }

  #nameAt(inside: bigint, address: bigint): string | null {
    const bpf = bpfNameAt(this.#kernel, inside);
    if (bpf !== null) return bpf;
    const at = this.#kernel.symbols.at(inside);
    return at === null ? null : `${at.name}+0x${(at.offset + address - inside).toString(16)}`;
  }
}

/** `schedule+0x1f`, or the address where there is no symbol. */
export function frameText({ name, address }: StackFrame): string {
  return name ?? `0x${address.toString(16)}`;
}

/** What a task leaves on its stack when another one is switched to: arch/x86/include/asm/switch_to.h. */
const FRAME = 'inactive_task_frame';

/** Whether stacks of tasks can be read of this kernel. */
export function canUnwindTasks({ btf }: Kernel): boolean {
  return hasMember(btf, FRAME, 'ret_addr');
}
