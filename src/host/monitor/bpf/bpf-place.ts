import { HarnessError } from '../../../errors';
import type { BpfPlace } from '../../../verdict/monitor/bpf-settings';
import type { KernelObject } from '../kernel/kernel-object';
import type { BpfMap } from './bpf-map';
import { globalsOf } from './globals';
import { onlyOne } from './only-one';

/** Types of maps whose values stay where they are as long as the map is there. */
const ARRAYS: readonly string[] = ['array', 'percpu_array'];
const BEHIND_NAME = /^[.[]/;

/**
 * What is at a place: one value, or one for each CPU in a per-CPU map whose path names none.
 * @param all the maps of the guest
 * @throws HarnessError `bpf-unknown`, `bpf-map-type`, `btf-unknown`, each with what there is
 */
export function objectsAt(all: readonly BpfMap[], place: BpfPlace): readonly KernelObject[] {
  if ('map' in place) return arrayBySuffix(all, place.map, 'look into').all(place.field);
  return [variableAt(all, place.variable)];
}

/** The array whose name ends like this, or is this. @throws HarnessError `bpf-unknown`, `bpf-map-type` */
export function arrayBySuffix(all: readonly BpfMap[], suffix: string, action: string): BpfMap {
  const exact = all.filter(({ name }) => name === suffix);
  const fitting = exact.length > 0 ? exact : all.filter(({ name }) => name.endsWith(suffix));
  const found = onlyOne(all, {
    what: 'map',
    wanted: suffix,
    nameOf: (map) => (fitting.includes(map) ? suffix : map.name),
    tell: ({ facts }) => `${facts.name} (id ${facts.id})`,
    remedy: 'give more of the name',
  });
  const { name, type } = found.facts;
  if (!ARRAYS.includes(type)) throw new HarnessError('bpf-map-type', { map: name, type, action, types: ARRAYS });
  return found;
}

/** Names of static variables have dots of their own, so the longest one that fits is meant. */
function variableAt(all: readonly BpfMap[], path: string): KernelObject {
  const variables = globalsOf(all);
  const names = variables.map(({ name }) => name).filter((name) => path === name || isAhead(name, path));
  const name = names.reduce((longest, one) => (one.length > longest.length ? one : longest), '') || path;
  const { object } = onlyOne(variables, {
    what: 'global variable',
    wanted: name,
    nameOf: (variable) => variable.name,
    tell: ({ map: { facts } }) => `that of map ${facts.name} (id ${facts.id})`,
    remedy: 'name the map',
  });
  return path === name ? object : object.get(path.slice(name.length).replace(/^\./, ''));
}

function isAhead(name: string, path: string): boolean {
  return path.startsWith(name) && BEHIND_NAME.test(path.slice(name.length));
}
