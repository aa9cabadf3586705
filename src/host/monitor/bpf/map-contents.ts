import { arrayElement, perCpuArrayElement } from './array-map';
import { hashElements, perCpuHashElements } from './hash-map';
import type { MapAt, MapElement } from './map-element';
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
