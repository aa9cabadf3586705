import { describe, expect, test } from '@jest/globals';

import { program, programs } from '../../../../../src/host/monitor/bpf/programs';
import { BtfBuilder } from '../btf/build-btf';
import { HEAP, SmallKernel } from './small-kernel';

const AUX = 512;
const STATS_AT = HEAP + 4096;
const BTF_AT = HEAP + 6000;
const BLOB_AT = HEAP + 8192;

/** Programs with the ids from 1 on. */
function withPrograms(
  all: readonly { program?: Record<string, bigint | number>; aux: Record<string, bigint | number | string> }[],
): SmallKernel {
  const small = new SmallKernel();
  const offsets = all.map((one, index) => {
    const at = HEAP + index * 1024;
    small.put('bpf_prog', at, { type: 27, aux: small.at(at + AUX), ...one.program });
    small.put('bpf_prog_aux', at + AUX, { id: index + 1, ...one.aux });
    return at;
  });
  small.fill('prog_idr', offsets);
  return small;
}

describe('programs()', () => {
  test('tells what each is', () => {
    const small = withPrograms([
      { program: { jited_len: 220, tag: 0x0807_0605_0403_0201n }, aux: { verified_insns: 45, name: 'run' } },
    ]);
    expect(programs(small.kernel)).toMatchObject([
      {
        id: 1,
        name: 'run',
        type: 'struct_ops',
        attachedTo: null,
        tag: '0102030405060708',
        jitedBytes: 220,
        verifiedInsns: 45,
        stats: null,
      },
    ]);
  });

  test('sums what the CPUs count, while they do', () => {
    const small = withPrograms([{ aux: { name: 'run' } }]);
    small.put('bpf_prog', HEAP, { stats: small.at(STATS_AT) });
    small.put('bpf_prog_stats', STATS_AT, { cnt: 3, nsecs: 1n << 40n });
    small.put('bpf_prog_stats', STATS_AT + 64, { cnt: 4, nsecs: 5, misses: 2 });
    small.countStats();
    expect(program(small.kernel, 'run').stats).toEqual({ runCount: 7n, runTimeNs: (1n << 40n) + 5n, misses: 2n });
  });

  test('adds the machine code of the functions', () => {
    const small = withPrograms([
      { program: { jited_len: 10 }, aux: { name: 'main', func_cnt: 2 } },
      { program: { jited_len: 5 }, aux: { name: 'part' } },
    ]);
    small.put('bpf_prog_aux', HEAP + AUX, { func: small.at(STATS_AT) });
    small.bytes.writeBigUInt64LE(small.at(HEAP), STATS_AT);
    small.bytes.writeBigUInt64LE(small.at(HEAP + 1024), STATS_AT + 8);
    expect(program(small.kernel, 'main').jitedBytes).toBe(15);
  });

  test('tells the whole name, and which member of a struct the program is', () => {
    const builder = new BtfBuilder();
    const prototype = builder.funcProto(0, []);
    const enqueue = builder.func('a_name_of_more_than_15_letters', prototype);
    const pointer = builder.ptr(prototype);
    const ops = builder.struct('sched_ext_ops', 16, [
      { name: 'dispatch', type: pointer, at: 0 },
      { name: 'enqueue', type: pointer, at: 64 },
    ]);
    const aux = { name: 'a_name_of_more_', attach_btf_id: ops };
    const small = withPrograms([
      { program: { expected_attach_type: 1 }, aux },
      { program: { expected_attach_type: 9 }, aux },
    ]);
    const blob = builder.build();
    blob.copy(small.bytes, BLOB_AT);
    small.put('btf', BTF_AT, { data: small.at(BLOB_AT), data_size: blob.length });
    small.put('bpf_func_info', STATS_AT, { type_id: enqueue });
    for (const at of [HEAP, HEAP + 1024])
      small.put('bpf_prog_aux', at + AUX, {
        ...{ btf: small.at(BTF_AT), attach_btf: small.at(BTF_AT) },
        func_info: small.at(STATS_AT),
      });
    expect(programs(small.kernel).map(({ name, attachedTo }) => [name, attachedTo])).toEqual([
      ['a_name_of_more_than_15_letters', 'sched_ext_ops.enqueue'],
      ['a_name_of_more_than_15_letters', null],
    ]);
  });

  test('passes over one that is not in its place', () => {
    expect(programs(withPrograms([{ aux: { id: 9 } }, { program: { aux: 0 }, aux: {} }]).kernel)).toEqual([]);
  });
});

describe('program()', () => {
  test('finds by name or id, and says what there is', () => {
    const { kernel } = withPrograms([{ aux: { name: 'a' } }, { aux: { name: 'b' } }, { aux: { name: 'b' } }]);
    expect(program(kernel, 'a').id).toBe(1);
    expect(program(kernel, 3).name).toBe('b');
    expect(() => program(kernel, 'b')).toThrow(
      'find the BPF program "b": there are 2; give an id. There are: b (id 2), b (id 3)',
    );
    expect(() => program(kernel, 'c')).toThrow('there is none. There are: a, b');
  });
});
