import { HarnessError } from '../../errors';
import type { WorkTypeName } from '../../spec/workload/work-spec';
import type { WorkerReport } from '../../verdict/worker-report';
import { decodeReport, groupOfReport, type ReportOrigin } from './decode-report';
import type { Waits } from '../waits';
import { KitProcess } from './kit-process';

/** Workers that do the same thing in the same cgroup. */
export interface WorkerGroup {
  /** The name that reports carry. */
  cgroup: string;
  /** Folder of the cgroup, without white space in its path; null leaves the workers in the cgroup of the kit. */
  cgroupDir: string | null;
  workers: number;
  workType: WorkTypeName;
  /** Chooses the offset, 0 to 1 ms, by which each worker begins after the start signal. */
  seed: number;
}

export interface SpawnedWorker {
  cgroup: string;
  /** Position among all workers of the cgroup, from 0. */
  index: number;
  pid: number;
}

/** A worker that ended before it was told to. */
export interface WorkerDeath {
  cgroup: string;
  index: number;
  exit: WorkerReport['exit'];
}

/** Worker processes from fork to report, through the native worker kit. Disposing of it kills them all. */
export class WorkerKit implements AsyncDisposable {
  readonly #kit: KitProcess;
  readonly #origins = new Map<number, ReportOrigin>();
  readonly #cgroupSizes = new Map<string, number>();
  #nextGroup = 0;

  private constructor(kit: KitProcess) {
    this.#kit = kit;
  }

  /** Starts the kit program. @param waits is told of what of it is waited for @throws {HarnessError} `worker-kit-launch` */
  static async launch(program: string, waits?: Waits): Promise<WorkerKit> {
    return new WorkerKit(await KitProcess.launch(program, waits && { waits }));
  }

  /** Rejects as soon as the kit has failed, e.g. because it was killed; never resolves. */
  get failed(): Promise<never> {
    return this.#kit.failed;
  }

  /** Is told of every worker that ends before `stop`, when that happens. */
  onDied(listener: (death: WorkerDeath) => void): void {
    this.#kit.onDied(({ group, index, status }) => {
      listener({ ...this.#locate(group, index), exit: exitOfStatus(status) });
    });
  }

  /** Declares workers for the next `spawn`. */
  addGroup(group: WorkerGroup): void {
    if (group.cgroupDir !== null && /\s/.test(group.cgroupDir)) {
      throw new TypeError(`add a group of workers: the path "${group.cgroupDir}" has white space in it`);
    }
    const id = this.#nextGroup++;
    const firstIndex = this.#cgroupSizes.get(group.cgroup) ?? 0;
    this.#cgroupSizes.set(group.cgroup, firstIndex + group.workers);
    this.#origins.set(id, { cgroup: group.cgroup, workType: group.workType, firstIndex });
    this.#kit.tell(`group ${id} ${group.cgroupDir ?? '-'} ${group.workers} ${group.workType} ${group.seed}`);
  }

  /** Forks the workers of all groups that have none yet, each in its cgroup from its first instruction. They wait for `start`. */
  spawn(): Promise<SpawnedWorker[]> {
    const workers: SpawnedWorker[] = [];
    return this.#kit.ask('spawn', (event) => {
      if (event.kind === 'ready') return { value: workers };
      if (event.kind !== 'worker') return 'foreign';
      workers.push({ ...this.#locate(event.group, event.index), pid: event.pid });
      return 'part';
    });
  }

  /** Lets all waiting workers begin at once. Resolves with the start instant, in nanoseconds of CLOCK_MONOTONIC. */
  start(): Promise<number> {
    return this.#kit.ask('start', (event) => (event.kind === 'started' ? { value: event.atNs } : 'foreign'));
  }

  /** Iterations of all workers together, so far. */
  iterations(): Promise<number> {
    return this.#kit.ask('iterations', (event) => (event.kind === 'iterations' ? { value: event.sum } : 'foreign'));
  }

  /** Stops all workers. Resolves with one report for each, by group and index. The kit is then empty and can be used again. */
  async stop(): Promise<WorkerReport[]> {
    const reports = await this.#kit.ask('stop', (event) =>
      event.kind === 'reports' ? { value: event.reports } : 'foreign',
    );
    const decoded = reports.map((bytes) => decodeReport(bytes, this.#originOf(groupOfReport(bytes))));
    this.#origins.clear();
    this.#cgroupSizes.clear();
    return decoded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kit[Symbol.asyncDispose]();
  }

  #originOf(group: number): ReportOrigin {
    const origin = this.#origins.get(group);
    if (!origin) throw new HarnessError('worker-kit-garbled', { waitingFor: 'nothing', got: `group ${group}` });
    return origin;
  }

  #locate(group: number, index: number): { cgroup: string; index: number } {
    const { cgroup, firstIndex } = this.#originOf(group);
    return { cgroup, index: firstIndex + index };
  }
}

/** Decodes a status of wait(2). */
function exitOfStatus(status: number): WorkerReport['exit'] {
  const signal = status & 0x7f;
  return signal === 0 ? { kind: 'exited', code: (status >> 8) & 0xff } : { kind: 'signaled', signal };
}
