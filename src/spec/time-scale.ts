import { HarnessError } from '../errors';

/** Variable of the environment, on the host and in the guest, that says how many times as long as usual ktstr waits. */
export const TIME_SCALE = 'KTSTR_TIME_SCALE';

const MAX_SCALE = 1000;
/** Node's timers fire at once when they are given more. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @throws {HarnessError} `time-scale` */
export function timeScale(env: NodeJS.ProcessEnv = process.env): number {
  const value = env[TIME_SCALE];
  if (value === undefined || value === '') return 1;
  const scale = Number(value);
  if (!(scale >= 1 && scale <= MAX_SCALE)) throw new HarnessError('time-scale', { value, most: MAX_SCALE });
  return scale;
}

/**
 * A time limit of the harness on a machine that is as slow as this one is said to be. What is measured and judged of a scheduler is not to pass
 * through here.
 */
export function scaledMs(ms: number, scale = timeScale()): number {
  return Math.min(ms * scale, LONGEST_TIMER_MS);
}
