import { arrayElement, perCpuArrayElement } from './array-map';
import { hashElements, perCpuHashElements } from './hash-map';
import { lpmTrieElements } from './lpm-trie';
import type { MapAt, MapElement } from './map-element';
import { arrayOfMapsElements, hashOfMapsElements } from './map-of-maps';
import { queueElements, stackElements } from './queue-map';
import { structOpsElements } from './struct-ops-map';
import { taskStorageElements } from './task-storage';

export interface MapContents {
  isPerCpu: boolean;
  /** Of a map that has a value for every number from 0 on. */
  at?(map: MapAt, index: number): MapElement;
  elements(map: MapAt): Generator<MapElement>;
}

/** By type of map. */
export const MAP_CONTENTS: Readonly<Record<string, MapContents>> = {
  array: array(arrayElement, { isPerCpu: false }),
  percpu_array: array(perCpuArrayElement, { isPerCpu: true }),
  hash: { isPerCpu: false, elements: hashElements },
  lru_hash: { isPerCpu: false, elements: hashElements },
  percpu_hash: { isPerCpu: true, elements: perCpuHashElements },
  lru_percpu_hash: { isPerCpu: true, elements: perCpuHashElements },
  array_of_maps: { isPerCpu: false, elements: arrayOfMapsElements },
  hash_of_maps: { isPerCpu: false, elements: hashOfMapsElements },
  lpm_trie: { isPerCpu: false, elements: lpmTrieElements },
  queue: { isPerCpu: false, elements: queueElements },
  stack: { isPerCpu: false, elements: stackElements },
  task_storage: { isPerCpu: false, elements: taskStorageElements },
  struct_ops: { isPerCpu: false, elements: structOpsElements },
};

function array(at: NonNullable<MapContents['at']>, { isPerCpu }: { isPerCpu: boolean }): MapContents {
  return {
    isPerCpu,
    at,
    *elements(map) {
      for (let index = 0; index < map.maxEntries; index++) yield at(map, index);
    },
  };
}
