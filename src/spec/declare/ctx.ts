import type { Scheduler } from '../scheduler/scheduler';
import type { GuestTopology } from '../topology/guest-topology';
import type { Thresholds } from '../../verdict/thresholds';

/**
 * The scheduler under test while the test runs. Schedulers are those of the options `scheduler` and `stagedSchedulers`, by object or name. Each
 * start has the `attachTimeoutMs` of its declaration, each end 5 s, after which the kernel takes the scheduler off and its process is killed.
 * Workers live on through all of it, under the kernel's own scheduler while none is attached.
 */
export interface SchedulerHandle {
  /** Name of the one that is attached; null while it is the kernel's own. */
  readonly current: string | null;
  /** What the kernel calls the attached one (sysfs root/ops); null when there is none. */
  readonly ops: string | null;
  /**
   * Starts a scheduler, by default the last one, and resolves once it is attached. Does nothing when that one is attached.
   * @throws {HarnessError} `scheduler-control` when it does not attach, or another one is attached
   */
  attach(scheduler?: Scheduler | string): Promise<void>;
  /** Ends the attached one and resolves once it is off. Does nothing when none is attached. */
  detach(): Promise<void>;
  /** Ends the attached one, if there is one, and starts the last one anew. @throws {HarnessError} `scheduler-control` */
  restart(): Promise<void>;
  /** Ends the attached one, if there is one, and starts another. Does nothing when that one is attached. @throws {HarnessError} `scheduler-control` */
  replace(scheduler: Scheduler | string): Promise<void>;
}

/** What a test body is given. Everything in it is settled before the body starts. */
export interface Ctx {
  /** The machine as the guest itself sees it. On the host (`hostOnly`) null. */
  readonly topology: GuestTopology;
  /** Length of a full hold, in milliseconds. */
  readonly durationMs: number;
  /** Workers of a cgroup that does not say how many it has. */
  readonly workersPerCgroup: number;
  readonly seed: number;
  readonly thresholds: Thresholds;
  readonly scheduler: SchedulerHandle;
}
