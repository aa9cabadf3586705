import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { installRegistrar } from '../../../src/guest/registrar';
import { Waits } from '../../../src/guest/waits';
import { NEVER_RETURNED } from '../../../src/protocol/messages';
import type { Ctx } from '../../../src/spec/declare/ctx';
import { findRegistrar, REGISTRAR, type TestBody } from '../../../src/spec/declare/registrar';
import { pass } from '../../../src/verdict/results';

const CTX = { seed: 7 } as Ctx;
let events: unknown[];
let waits: Waits;

beforeEach(() => {
  events = [];
  waits = new Waits();
  const onResult = (result: unknown): void => void events.push(['result', result]);
  const schedulerFailed = new Promise(() => undefined);
  installRegistrar({ ctx: CTX, timeoutMs: 30, waits, schedulerFailed, onStart: () => events.push('start'), onResult });
});

afterEach(() => {
  delete (globalThis as { [REGISTRAR]?: unknown })[REGISTRAR];
});

async function run(body: TestBody): Promise<unknown> {
  return findRegistrar()?.run({ subject: 'Fairness.split', layers: () => [], body, declaredAt: new Error() });
}

describe('the registrar of the guest', () => {
  test('runs a body with the context, tells its start before and its result after, and has none of its own', async () => {
    const result = pass();
    expect(await run((ctx) => (events.push(ctx), result))).toBeNull();
    expect(events).toEqual(['start', CTX, ['result', result]]);
  });

  test('tells null of a body that returns nothing', async () => {
    await run(() => undefined);
    expect(events).toEqual(['start', ['result', null]]);
  });

  test.each<{ name: string; body: TestBody }>([
    {
      name: 'throws',
      body: () => {
        throw new RangeError('no');
      },
    },
    { name: 'rejects', body: () => Promise.reject(new RangeError('no')) },
  ])('tells no result of a body that $name', async ({ body }) => {
    await expect(run(body)).rejects.toThrow(new RangeError('no'));
    expect(events).toEqual(['start']);
  });

  test('gives up a body that does not return in time, by a name that the host knows, without frames of its own', async () => {
    await expect(run(() => new Promise(() => undefined))).rejects.toMatchObject({
      ...{ name: NEVER_RETURNED, stack: '' },
      message: expect.stringMatching(/Fairness\.split was still pending after 30 ms of guest time \(timeoutMs\)$/),
    });
    expect(events).toEqual(['start']);
  });

  test('says of a body that does not return in time what the runtime was waiting for', async () => {
    const body = (): Promise<never> => waits.during('the workers', new Promise<never>(() => undefined));
    await expect(run(body)).rejects.toThrow(/\(timeoutMs\): waiting for the workers, for 0\.0\d\d s$/);
  });
});
