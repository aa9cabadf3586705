import type { Topology } from '../../../src/spec/topology/topology';

/** `apicLlcBits`: bits of an APIC id below those of the LLC, where that is more than are needed. */
export interface Shape extends Topology {
  apicLlcBits?: number;
}

type Numbers = [numaNodes: number, llcs: number, cores: number, threads: number, apicLlcBits?: number];

/** Shapes that schedulers are tried on, by name. */
const PRESET_SHAPES: Record<string, Numbers> = {
  'tiny-1llc': [1, 1, 4, 1],
  'tiny-2llc': [1, 2, 2, 1],
  'odd-3llc': [1, 3, 3, 1],
  'odd-5llc': [1, 5, 3, 1],
  'odd-7llc': [1, 7, 2, 1],
  'smt-2llc': [1, 2, 2, 2],
  'smt-3llc': [1, 3, 2, 2],
  'medium-4llc': [1, 4, 4, 2],
  'medium-8llc': [1, 8, 4, 2],
  'large-4llc': [1, 4, 16, 2],
  'large-8llc': [1, 8, 8, 2],
  'near-max-llc': [1, 15, 8, 2],
  'max-cpu': [1, 14, 9, 2],
  'medium-4llc-nosmt': [1, 4, 8, 1],
  'medium-8llc-nosmt': [1, 8, 8, 1],
  'large-4llc-nosmt': [1, 4, 32, 1],
  'large-8llc-nosmt': [1, 8, 16, 1],
  'near-max-llc-nosmt': [1, 15, 16, 1],
  'max-cpu-nosmt': [1, 14, 18, 1],
  'numa2-4llc': [2, 4, 4, 1],
  'numa2-8llc': [2, 8, 8, 2],
  'numa2-8llc-nosmt': [2, 8, 16, 1],
  'numa4-8llc': [4, 8, 4, 1],
  'numa4-12llc': [4, 12, 8, 2],
};

/** Shapes at the edges of what there is. */
const ODD_SHAPES: Record<string, Numbers> = {
  'one CPU': [1, 1, 1, 1],
  'one core of eight threads': [1, 1, 1, 8],
  'LLCs of one CPU': [4, 4, 1, 1],
  'three threads a core': [1, 2, 5, 3],
  'one LLC of all CPUs': [1, 1, 252, 1],
  'as many LLCs as CPUs': [4, 252, 1, 1],
  'most nodes': [63, 63, 2, 2],
  'LLCs far apart': [2, 4, 3, 2, 8],
  'LLCs as far apart as can be': [1, 8, 1, 1, 12],
};

const named = (shapes: Record<string, Numbers>): { name: string; topology: Shape }[] =>
  Object.entries(shapes).map(([name, [numaNodes, llcs, cores, threads, apicLlcBits]]) => ({
    name,
    topology: { numaNodes, llcs, cores, threads, ...(apicLlcBits !== undefined && { apicLlcBits }) },
  }));

export const PRESETS = named(PRESET_SHAPES);
export const SHAPES = [...PRESETS, ...named(ODD_SHAPES)];
