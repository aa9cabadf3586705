/** Of a vcpu that stands still, as far as its place in the kernel is told by them. */
export interface CpuRegisters {
  rip: bigint;
  rsp: bigint;
  rbp: bigint;
  /** Physical address of the page tables, with flags in the low bits. */
  cr3: bigint;
}

/** Addresses of the kernel have their highest bit set. */
export function isKernelAddress(address: bigint): boolean {
  return BigInt.asUintN(64, address) >> 63n === 1n;
}
