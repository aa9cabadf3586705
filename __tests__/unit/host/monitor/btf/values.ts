import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { readValue } from '../../../../../src/host/monitor/btf/read-value';
import type { Value } from '../../../../../src/host/monitor/btf/value';
import { BtfBuilder } from './build-btf';
import { smallBtf } from './small-btf';

/** The value of `bytes` as the type that `add` adds. */
export function readAs(add: (builder: BtfBuilder) => number, bytes: Buffer | readonly number[]): Value {
  const builder = new BtfBuilder();
  const type = add(builder);
  return readValue(Buffer.from(bytes), { btf: parseBtf(builder.build()), type });
}

/** The bytes of a `struct rq` of the small blob, and how it reads. */
export function smallRq(): { bytes: Buffer; value: Value } {
  const bytes = Buffer.alloc(176);
  bytes.writeUInt32LE(3, 0);
  bytes.write('kworker/0:1\0old', 4);
  bytes.writeInt32LE(-1, 20);
  bytes.writeBigUInt64LE(0xffff_8880_0123_4567n, 24);
  for (const [index, at] of [40, 64, 88].entries()) {
    bytes.writeInt32LE(-index, at);
    bytes.writeUInt32LE(1024, at + 8);
    bytes.writeBigUInt64LE(BigInt(index) << 40n, at + 16);
  }
  bytes.writeUInt32LE(7, 140);
  // on = 1, level = -3 of three bits, wide = 0xabcde.
  bytes.writeUInt32LE(1 | (5 << 1) | (0xabcde << 4), 144);
  bytes.writeBigUInt64LE(1024n, 152);
  bytes.writeDoubleLE(0.25, 160);
  const { blob, ids } = smallBtf();
  return { bytes, value: readValue(bytes, { btf: parseBtf(blob), type: ids.rq }) };
}
