import { member } from '../btf/layout';
import { isKernelAddress } from '../cpu-registers';
import type { Kernel } from '../kernel/kernel';
import type { StackState } from './unwind';

/**
 * With frame pointers each function saves its caller's bp and points bp there, with the return address above it. Where the kernel is entered,
 * bp is the address of the saved registers with its lowest bit set (ENCODE_FRAME_POINTER of arch/x86/include/asm/frame.h).
 */
const REGISTERS_FLAG = 1n;
const WORD_BYTES = 8n;
const PRIVILEGE = 3n;

/** The caller of a frame; null at the end of the stack. @throws HarnessError `guest-memory` */
export function framePointerStep(kernel: Kernel, { bp }: StackState): StackState | null {
  if (!isKernelAddress(bp)) return null;
  if ((bp & REGISTERS_FLAG) !== 0n) return savedRegisters(kernel, bp - REGISTERS_FLAG);
  const { memory } = kernel;
  return { ip: memory.readU64(bp + WORD_BYTES), sp: bp + 2n * WORD_BYTES, bp: memory.readU64(bp), isReturn: true };
}

/** Where a task was when it was interrupted or made a system call; null in user space. */
export function savedRegisters(kernel: Kernel, at: bigint): StackState | null {
  const read = (name: string): bigint =>
    kernel.memory.readU64(at + BigInt(member(kernel.btf, 'pt_regs', name).offsetBytes));
  if ((read('cs') & PRIVILEGE) !== 0n) return null;
  return { ip: read('ip'), sp: read('sp'), bp: read('bp'), isReturn: false };
}
