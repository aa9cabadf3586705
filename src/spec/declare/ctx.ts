import type { GuestTopology } from '../topology/guest-topology';
import type { Thresholds } from '../../verdict/thresholds';

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
}
