import type { Btf } from './btf';
import { hasMember, member } from './layout';

/** The bytes of a struct of one type: where its integers are is looked up once, as there are thousands of readings. */
export class StructBytes {
  readonly sizeBytes: number;
  readonly #btf: Btf;
  readonly #type: number;
  /** Null where there is no such member. */
  readonly #places = new Map<string, { offset: number; bytes: number } | null>();

  /** @throws HarnessError `btf-unknown` */
  constructor(btf: Btf, struct: string) {
    this.#btf = btf;
    this.#type = btf.struct(struct).id;
    this.sizeBytes = btf.sizeOf(this.#type);
  }

  has(path: string): boolean {
    const known = this.#places.get(path);
    if (known !== undefined) return known !== null;
    const isThere = hasMember(this.#btf, this.#type, path);
    if (!isThere) this.#places.set(path, null);
    return isThere;
  }

  /** A member without a sign, of 1, 2, 4 or 8 bytes. @throws HarnessError `btf-unknown` */
  big(struct: Buffer, path: string): bigint {
    const { offset, bytes } = this.#place(path);
    return bytes === 8 ? struct.readBigUInt64LE(offset) : BigInt(struct.readUIntLE(offset, bytes));
  }

  number(struct: Buffer, path: string): number {
    return Number(this.big(struct, path));
  }

  /** As `number`; null where this kernel has no such member. */
  optional(struct: Buffer, path: string): number | null {
    return this.has(path) ? this.number(struct, path) : null;
  }

  #place(path: string): { offset: number; bytes: number } {
    const known = this.#places.get(path);
    if (known) return known;
    const { offsetBytes, sizeBytes } = member(this.#btf, this.#type, path);
    const place = { offset: offsetBytes, bytes: sizeBytes };
    this.#places.set(path, place);
    return place;
  }
}
