import type { Kernel } from '../kernel/kernel';

/** What a map holds under one key. */
export interface MapElement {
  key: Buffer;
  /** Where its values are: one, or in a per-CPU map one for each CPU. */
  addresses: readonly bigint[];
}

/** A map whose elements are asked for. */
export interface MapAt {
  kernel: Kernel;
  /** Of its struct bpf_map. */
  address: bigint;
  keySize: number;
  valueSize: number;
  maxEntries: number;
}

/** Where each CPU's copy of per-CPU memory is. */
export function perCpuAddresses(kernel: Kernel, pointer: bigint): bigint[] {
  return Array.from({ length: kernel.cpuCount }, (_, cpu) => BigInt.asUintN(64, pointer + kernel.perCpuBase(cpu)));
}

/** A key, or a number in a struct, of 32 bits. */
export function u32(value: number): Buffer {
  return Buffer.from(Uint32Array.of(value).buffer);
}

/** BPF keeps values at multiples of 8 bytes. */
export function roundedUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
