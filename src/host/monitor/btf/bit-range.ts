import type { Btf } from './btf';
import type { BtfMember } from './model';

export interface BitRange {
  /** From the start of the struct. */
  bitOffset: number;
  /** Null for a member that is no bitfield. */
  bitSize: number | null;
}

/** Where a member lies. Compilers that know no flag for bitfields give them an int type with fewer bits than its bytes have. */
export function bitRange(btf: Btf, member: BtfMember): BitRange {
  const { bitOffset, bitSize } = member;
  if (bitSize !== null) return { bitOffset, bitSize };
  const type = btf.resolve(member.type);
  if (type.kind !== 'int' || type.bits === type.sizeBytes * 8) return { bitOffset, bitSize };
  return { bitOffset: bitOffset + type.bitOffset, bitSize: type.bits };
}
