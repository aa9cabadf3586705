import { execFileSync } from 'node:child_process';

import type { Shape } from './presets';

export interface CpuidEntry {
  function: number;
  index: number;
  /** 1 when the index is part of the question. */
  flags: number;
  eax: number;
  ebx: number;
  ecx: number;
  edx: number;
}

export interface PatchedCpu {
  apicId: number;
  node: number;
  entries: CpuidEntry[];
}

export interface PatchedMachine {
  maxApicId: number;
  cpus: PatchedCpu[];
}

type Numbers = [number, number, number, number, number, number, number];

export function topologyArgs({ numaNodes, llcs, cores, threads, apicLlcBits = 0 }: Shape): string[] {
  return [numaNodes, llcs, cores, threads, apicLlcBits].map(String);
}

/** What the sample program makes of a host's CPUID; null for a topology that it refuses. */
export function patchCpuid(sample: string, topology: Shape, host: readonly CpuidEntry[] = []): PatchedMachine | null {
  const input = host.map((e) => numbersOf(e).map((value) => value.toString(16)));
  const stdout = execFileSync(sample, topologyArgs(topology), {
    input: input.map((line) => `${line.join(' ')}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const machine = JSON.parse(stdout) as PrintedMachine | null;
  return machine && { ...machine, cpus: machine.cpus.map((cpu) => ({ ...cpu, entries: cpu.entries.map(entryOf) })) };
}

interface PrintedMachine {
  maxApicId: number;
  cpus: { apicId: number; node: number; entries: Numbers[] }[];
}

function numbersOf(entry: CpuidEntry): Numbers {
  return [entry.function, entry.index, entry.flags, entry.eax, entry.ebx, entry.ecx, entry.edx];
}

function entryOf(numbers: Numbers): CpuidEntry {
  const [fn, index, flags, eax, ebx, ecx, edx] = numbers;
  return { function: fn, index, flags, eax, ebx, ecx, edx };
}

/** What the instruction gives: zeros for what there is no entry of. */
export function cpuid(entries: readonly CpuidEntry[], fn: number, index = 0): CpuidEntry {
  const found = entries.find((e) => e.function === fn && (e.flags === 0 || e.index === index));
  return found ?? { function: fn, index, flags: 0, eax: 0, ebx: 0, ecx: 0, edx: 0 };
}

/** Bits [high:low] of a register. */
export function bits(value: number, high: number, low: number): number {
  return Math.floor(value / 2 ** low) % 2 ** (high - low + 1);
}
