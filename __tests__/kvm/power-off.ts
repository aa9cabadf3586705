import { expect } from '@jest/globals';

import type { GuestRun } from '../../src/host/machine/guest-run';

/** Expects that a guest has ended by itself and in order; if it has not, shows what its console said. */
export function expectPowerOff({ exit, stop, faults, consoleText }: GuestRun): void {
  const isOrderly = exit.kind === 'poweroff' && stop === null;
  expect({ exit, stop, faults, consoleText: isOrderly ? '' : consoleText }).toEqual({
    ...{ exit: { kind: 'poweroff' }, stop: null, faults: [], consoleText: '' },
  });
}
