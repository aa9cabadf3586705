import { fn, mocked, replaceProperty, spyOn } from 'jest-mock';

import { HarnessError } from '../errors';

// jest-circus reads these from the global: packages/jest-circus/src/types.ts.
export const TEST_TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');

const SUPPORTED: Record<string, unknown> = {
  fn,
  mocked,
  replaceProperty,
  spyOn,
  setTimeout: (ms: number) => void Object.assign(globalThis, { [TEST_TIMEOUT]: ms }),
  // Retries are the host's: a test that fails is booted again there.
  retryTimes: () => undefined,
};

/** Jest's `jest` object as far as it means something in a guest; everything else says so when it is called. */
export const jestObject: object = new Proxy(SUPPORTED, {
  get(target, name) {
    if (typeof name === 'symbol' || name in target) return Reflect.get(target, name);
    return () => {
      throw new HarnessError('guest-jest', { method: name, supported: Object.keys(SUPPORTED) });
    };
  },
});
