import { HarnessError } from '../../errors';
import type {
  DsqView,
  GuestMap,
  GuestObject,
  GuestProgram,
  GuestView,
  RunQueueView,
  ScxView,
  TaskView,
} from '../../verdict/monitor/guest-view';
import { global } from './bpf/globals';
import { map, maps } from './bpf/maps';
import { program, programs } from './bpf/programs';
import type { CpuRegisters } from './cpu-registers';
import { userDsqs } from './kernel/dsq-view';
import type { Kernel } from './kernel/kernel';
import { runQueueView } from './kernel/run-queue-view';
import { scxView } from './kernel/scx-view';
import { tasks } from './kernel/task-view';
import { frameText, Unwinder } from './stack/unwind';

/** A guest that stands still, by its memory and the registers of its vcpus. */
export class KernelView implements GuestView {
  readonly #kernel: Kernel;
  readonly #registers: readonly CpuRegisters[];
  #unwinder: Unwinder | undefined;

  constructor(kernel: Kernel, registers: readonly CpuRegisters[]) {
    this.#kernel = kernel;
    this.#registers = registers;
  }

  get cpuCount(): number {
    return this.#registers.length;
  }

  get scx(): ScxView | null {
    return scxView(this.#kernel);
  }

  rq(cpu: number): RunQueueView {
    this.#registersOf(cpu);
    return runQueueView(this.#kernel, cpu);
  }

  task(pid: number): TaskView {
    const all = this.tasks();
    const found = all.find((task) => task.pid === pid);
    if (found !== undefined) return found;
    throw unknown(
      'task',
      pid,
      all.map((task) => `${task.pid} (${task.comm})`),
    );
  }

  tasks(): TaskView[] {
    return [...tasks(this.#kernel)];
  }

  dsqs(): DsqView[] {
    return userDsqs(this.#kernel);
  }

  stack(cpu: number): string[] {
    return this.#stacks().ofCpu(this.#registersOf(cpu)).map(frameText);
  }

  stackOf(pid: number): string[] {
    return this.#stacks().ofTask(this.task(pid)).map(frameText);
  }

  variable(symbol: string, struct: string): GuestObject {
    return this.#kernel.global(symbol, struct);
  }

  maps(): GuestMap[] {
    return maps(this.#kernel);
  }

  map(nameOrId: string | number): GuestMap {
    return map(this.#kernel, nameOrId);
  }

  programs(): GuestProgram[] {
    return programs(this.#kernel);
  }

  program(nameOrId: string | number): GuestProgram {
    return program(this.#kernel, nameOrId);
  }

  global(name: string): GuestObject {
    return global(this.#kernel, name);
  }

  #registersOf(cpu: number): CpuRegisters {
    const registers = this.#registers[cpu];
    if (registers !== undefined) return registers;
    throw unknown('CPU', cpu, [...this.#registers.keys()].map(String));
  }

  #stacks(): Unwinder {
    this.#unwinder ??= new Unwinder(this.#kernel);
    return this.#unwinder;
  }
}

function unknown(what: string, wanted: number | string, available: readonly string[]): HarnessError {
  return new HarnessError('view-unknown', { what, wanted: String(wanted), available });
}
