import { writeSync } from 'node:fs';

import { SPOTTER_FD } from '../spec/declare/run-request';

/** Has the spotter tell where JavaScript is looping when `disarm` has not come within `ms`. */
export function armSpotter(ms: number): void {
  writeSync(SPOTTER_FD, `arm ${ms}\n`);
}

export function disarmSpotter(): void {
  writeSync(SPOTTER_FD, 'disarm\n');
}
