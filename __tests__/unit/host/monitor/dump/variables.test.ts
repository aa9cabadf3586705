import { expect, test } from '@jest/globals';

import { dumpVariables } from '../../../../../src/host/monitor/dump/variables';
import { HEAP, SmallKernel } from '../bpf/small-kernel';
import { BtfBuilder } from '../btf/build-btf';

const BTF_AT = HEAP + 2048;
const BLOB_AT = HEAP + 4096;

/** A scheduler with these variables of four bytes each, one behind the other, that hold 1, 2 and so on. */
function scheduler(names: readonly string[]): SmallKernel {
  const builder = new BtfBuilder();
  const u32 = builder.int('u32', 4);
  const variables = names.map((name, index) => ({ var: builder.var(name, u32), at: 4 * index, size: 4 }));
  const bss = builder.datasec('.bss', 4 * names.length, variables);
  const blob = builder.build();
  const small = new SmallKernel();
  blob.copy(small.bytes, BLOB_AT);
  small.put('btf', BTF_AT, { data: small.at(BLOB_AT), data_size: blob.length });
  small.put('bpf_map', HEAP, {
    ...{ map_type: 2, key_size: 4, value_size: 4 * names.length, max_entries: 1, id: 1, name: 'mine.bss' },
    ...{ btf: small.at(BTF_AT), btf_value_type_id: bss },
  });
  small.fill('map_idr', [HEAP]);
  const behindMap = HEAP + 104;
  names.forEach((_, index) => small.bytes.writeUInt32LE(index + 1, behindMap + 4 * index));
  return small;
}

test('dumpVariables() tells the variables of a scheduler, but for the formats that libbpf makes', () => {
  const small = scheduler(['stall', 'pick.___fmt', 'pick.___fmt.8', 'my___fmt8']);
  expect(dumpVariables(small.kernel)).toEqual([
    { name: 'stall', map: 'mine.bss', isZero: false, value: '1' },
    { name: 'my___fmt8', map: 'mine.bss', isZero: false, value: '4' },
  ]);
});
