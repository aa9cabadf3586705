import { describe, expect, test } from '@jest/globals';

import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { Kernel } from '../../../../../src/host/monitor/kernel/kernel';
import type { ReadExpression } from '../../../../../src/host/monitor/plan/read-plan';
import { eventPart } from '../../../../../src/host/monitor/sample/event-part';
import { smallSymbols } from '../bpf/small-kernel';
import { BtfBuilder, SIGNED } from '../btf/build-btf';
import { BASE, mappedMemory } from '../mapped-memory';
import { recordOf } from '../plan/record-of';

const SYMBOLS = ['nr_cpu_ids', '__per_cpu_offset', 'of CPU 1', 'scx_root', 'event_stats_cpu'];
const WORD = Object.fromEntries(SYMBOLS.map((name, index) => [name, index * 8])) as Record<string, number>;
/** Where the root is, and where the memory of each CPU begins. */
const ROOT = 0x1000;
const OF_CPU = [0x2000, 0x3000] as const;
/** Where in that a scheduler has its part. */
const PART = 0x40;

/** How a kernel keeps its counters. */
type Layout = 'variable' | 'of the scheduler' | 'among more' | 'none';

interface Counting {
  kernel: Kernel;
  bytes: Buffer;
  /** Of the counters in the memory of a CPU. */
  at: number;
}

/** A kernel that has two of the counters, or one that has none. */
function counting(layout: Layout): Counting {
  const b = new BtfBuilder();
  const s64 = b.int('s64', 8, { encoding: SIGNED });
  const pointer = b.ptr(0);
  const stats =
    layout === 'none'
      ? 0
      : b.struct('scx_event_stats', 16, [
          { name: 'SCX_EV_SELECT_CPU_FALLBACK', type: s64, at: 0 },
          { name: 'SCX_EV_DISPATCH_KEEP_LAST', type: s64, at: 64 },
        ]);
  const inScheduler = { 'of the scheduler': 'event_stats_cpu', 'among more': 'pcpu', variable: 'more', none: 'more' };
  b.struct('scx_sched', 32, [{ name: inScheduler[layout], type: pointer, at: 192 }]);
  if (layout === 'among more') b.struct('scx_sched_pcpu', 48, [{ name: 'event_stats', type: stats, at: 256 }]);

  const { bytes, memory } = mappedMemory(8);
  const known = SYMBOLS.map((name) => (name === 'event_stats_cpu' && layout !== 'variable' ? 'another' : name));
  const kernel = new Kernel({ memory, symbols: smallSymbols(known), btf: parseBtf(b.build()) });
  bytes.writeUInt32LE(2, WORD.nr_cpu_ids);
  const isVariable = layout === 'variable';
  OF_CPU.forEach((start, cpu) =>
    bytes.writeBigUInt64LE((isVariable ? 0n : BASE) + BigInt(start), (WORD.__per_cpu_offset ?? 0) + cpu * 8),
  );
  bytes.writeBigUInt64LE(BigInt(PART), ROOT + 24);
  return { kernel, bytes, at: isVariable ? (WORD.event_stats_cpu ?? 0) : PART + (layout === 'among more' ? 32 : 0) };
}

function eventsOf(kernel: Kernel): unknown[] {
  return OF_CPU.map((_, cpu) => {
    const expressions: ReadExpression[] = [];
    const decode = eventPart(kernel, { cpu, add: (expression) => expressions.push(expression) - 1 });
    return decode(recordOf(kernel.memory, expressions));
  });
}

describe('eventPart()', () => {
  test.each<Layout>(['variable', 'of the scheduler', 'among more'])(
    'reads the counters that a kernel has, of each CPU, where they are: %s',
    (layout) => {
      const { kernel, bytes, at } = counting(layout);
      bytes.writeBigUInt64LE(BASE + BigInt(ROOT), WORD.scx_root);
      OF_CPU.forEach((start, cpu) => {
        bytes.writeBigUInt64LE(BigInt(10 + cpu), start + at);
        bytes.writeBigUInt64LE(BigInt(20 + cpu), start + at + 8);
      });
      expect(eventsOf(kernel)).toEqual([
        { select_cpu_fallback: 10n, dispatch_keep_last: 20n },
        { select_cpu_fallback: 11n, dispatch_keep_last: 21n },
      ]);
    },
  );

  test.each<Layout>(['of the scheduler', 'among more'])(
    'has none while no scheduler is attached, which would keep them: %s',
    (layout) => {
      expect(eventsOf(counting(layout).kernel)).toEqual([null, null]);
    },
  );

  test('has none of a kernel that does not count', () => {
    const { kernel, bytes } = counting('none');
    bytes.writeBigUInt64LE(BASE + BigInt(ROOT), WORD.scx_root);
    expect(eventsOf(kernel)).toEqual([null, null]);
  });
});
