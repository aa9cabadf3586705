import type { MonitorSample } from '../../../verdict/monitor/sample';

/** Takes samples of a guest until it is told to end. To be disposed of. */
export interface Sampler extends AsyncDisposable {
  /** Ticks a second of the guest's kernel; null when it does not tell. */
  readonly hz: number | null;
  /** Ends the sampling. Resolves with all samples, in order of time, and how many found no room. */
  finish(): Promise<{ samples: MonitorSample[]; dropped: bigint }>;
}
