import { describe, expect, test } from '@jest/globals';

import { maps } from '../../../../../src/host/monitor/bpf/maps';
import { watchedPlace, type WatchedPlace } from '../../../../../src/host/monitor/bpf/watched-place';
import type { ReadExpression } from '../../../../../src/host/monitor/plan/read-plan';
import { watchedPart } from '../../../../../src/host/monitor/sample/watched-part';
import type { BpfMapWatch } from '../../../../../src/verdict/monitor/bpf-settings';
import { recordOf } from '../plan/record-of';
import { BSS, COUNTS, PER_CPU_AT, smallScheduler } from './small-scheduler';
import type { SmallKernel } from './small-kernel';

const placeOf = ({ kernel }: SmallKernel, watch: BpfMapWatch): WatchedPlace =>
  watchedPlace(maps(kernel), watch, { prefix: 'mine', cpuCount: 2 });

describe('watchedPlace()', () => {
  test.each<{ name: string; watch: BpfMapWatch; at: readonly number[]; word: object }>([
    {
      name: 'a variable',
      watch: { variable: 'stall', as: 'gauge', label: 'x' },
      at: [BSS],
      word: { bytes: 4, isSigned: false },
    },
    {
      name: 'a signed one',
      watch: { map: '.bss', field: 'lead', as: 'counter', label: 'x' },
      at: [BSS + 24],
      word: { bytes: 8, isSigned: true },
    },
    {
      name: 'a value of an array',
      watch: { map: 'counts', field: '[2]', as: 'counter', label: 'x' },
      at: [COUNTS + 16],
      word: { bytes: 4 },
    },
    {
      name: "one CPU's value",
      watch: { map: 'per_cpu', field: '[0][1]', as: 'gauge', label: 'x' },
      at: [PER_CPU_AT + 64],
      word: { bytes: 4 },
    },
  ])('finds $name', ({ watch, at, word }) => {
    const small = smallScheduler();
    expect(placeOf(small, watch)).toMatchObject({ name: 'mine_x', word: { ...word, address: small.at(at[0] ?? 0) } });
  });

  test.each<{ name: string; watch: BpfMapWatch; at: readonly number[] }>([
    {
      name: 'a per-CPU map',
      watch: { map: 'per_cpu', field: '[0]', as: 'perCpu', label: 'x' },
      at: [PER_CPU_AT, PER_CPU_AT + 64],
    },
    {
      name: 'an array with an element for each',
      watch: { variable: 'runs', as: 'perCpuCounter', label: 'x' },
      at: [BSS + 16, BSS + 20],
    },
  ])('finds the values of all CPUs in $name', ({ watch, at }) => {
    const small = smallScheduler();
    const place = placeOf(small, watch);
    expect('words' in place ? place.words.map(({ address }) => address) : []).toEqual(at.map((one) => small.at(one)));
  });

  test.each<{ name: string; watch: BpfMapWatch; says: string }>([
    {
      name: 'a struct',
      watch: { variable: 'limits', as: 'gauge', label: 'x' },
      says: 'watch limits of a BPF program as gauge: it is of type struct limits; name an integer in it',
    },
    {
      name: 'the values of all CPUs as one',
      watch: { map: 'per_cpu', field: '[0]', as: 'counter', label: 'x' },
      says: 'watch per_cpu [0] of a BPF program as counter: it has a value for each CPU; watch it as perCpu or perCpuCounter',
    },
    {
      name: 'one value as that of all CPUs',
      watch: { variable: 'stall', as: 'perCpu', label: 'x' },
      says: 'watch stall of a BPF program as perCpu: it has one value, and the machine 2 CPUs',
    },
  ])('refuses $name', ({ watch, says }) => {
    expect(() => placeOf(smallScheduler(), watch)).toThrow(
      expect.objectContaining({ code: 'bpf-watch', message: says }),
    );
  });
});

test('watchedPart() has a plan read what is watched, and leaves out what cannot be read', () => {
  const small = smallScheduler();
  small.bytes.writeBigInt64LE(-5n, BSS + 24);
  small.bytes.writeUInt32LE(3, BSS + 16);
  small.bytes.writeUInt32LE(4, BSS + 20);
  const places = [
    placeOf(small, { variable: 'lead', as: 'gauge', label: 'lead' }),
    placeOf(small, { variable: 'runs', as: 'perCpu', label: 'runs' }),
    { name: 'mine_gone', word: { address: 0x1000n, bytes: 4, isSigned: false } },
  ];
  const expressions: ReadExpression[] = [];
  const decode = watchedPart(places, (expression) => expressions.push(expression) - 1);
  expect(decode(recordOf(small.kernel.memory, expressions))).toEqual({
    mine_lead: -5n,
    mine_runs: [3n, 4n],
  });
});
