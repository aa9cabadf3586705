import { parentPort, workerData } from 'node:worker_threads';

import { Kernel } from '../src/host/monitor/kernel/kernel';
import { schedulerPlan } from '../src/host/monitor/sample/scheduler-plan';
import { readVmcoreinfo } from '../src/host/monitor/symbols/vmcoreinfo';
import { FileMemory, type FileRange } from './file-memory';

/** What the thread is told. */
export interface BootstrapOrders {
  ram: readonly FileRange[];
  vmcoreinfoGpa: number;
  cpuCount: number;
  /** How often it is done. */
  times: number;
}

/** Milliseconds. */
export interface BootstrapTimes {
  /** To symbols and types. */
  located: number;
  /** On to the compiled plan of a sample. */
  planned: number;
}

/** A thread of its own has compiled none of the code, as a process that has just begun. It measures from the first call on. */
function measure({ ram, vmcoreinfoGpa, cpuCount }: BootstrapOrders): BootstrapTimes {
  const memory = new FileMemory(ram);
  const startedAt = performance.now();
  const kernel = Kernel.locate(memory, readVmcoreinfo(memory, vmcoreinfoGpa));
  const locatedAt = performance.now();
  schedulerPlan(kernel, { cpuCount, vcpuThreads: [], threadsEvery: 1 });
  return { located: locatedAt - startedAt, planned: performance.now() - locatedAt };
}

// It is started with these orders only.
const orders = workerData as BootstrapOrders;
parentPort?.postMessage(Array.from({ length: orders.times }, () => measure(orders)));
