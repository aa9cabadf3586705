import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stageTimes } from '../../../environment/stage-times';
import { guestRun } from './finished-runs';

const HOST = { planMs: 10, imageMs: 20, spawnedMs: 30 };

const runSeen = (seen: Record<string, number>, endedAtMs: number) =>
  guestRun({ seenAtMs: new Map(Object.entries(seen)), endedAtMs });

describe('stageTimes()', () => {
  test('splits a whole run', () => {
    const seen = { init: 1030, exec: 1130, runtime: 1530, hello: 1540, testStart: 1730, result: 3730 };
    expect(stageTimes(runSeen(seen, 3830), HOST)).toEqual({
      stages: {
        ...{ plan: 10, image: 20, spawn: 30 },
        ...{ kernel: 1000, init: 100, node: 400, runtime: 200, test: 2000, teardown: 100 },
      },
      wallTimeMs: 3860,
    });
  });

  test('gives no time to stages that the guest did not reach, and what is left to teardown', () => {
    const { stages } = stageTimes(runSeen({ init: 500 }, 900), HOST);
    expect(stages).toMatchObject({ kernel: 470, init: 0, node: 0, runtime: 0, test: 0, teardown: 400 });
  });

  test('gives figures of at least 0 that add up to the wall time, whatever order the host saw things in', () => {
    const at = fc.integer({ min: 0, max: 5000 });
    const names = ['init', 'exec', 'runtime', 'testStart', 'result'];
    const seen = fc.dictionary(fc.constantFrom(...names), at);
    const host = fc.record({ planMs: at, imageMs: at, spawnedMs: at });
    fc.assert(
      fc.property(seen, at, host, (stagesSeen, endedAtMs, hostMs) => {
        const { stages, wallTimeMs } = stageTimes(runSeen(stagesSeen, endedAtMs), hostMs);
        const figures = Object.values(stages);
        expect(Math.min(...figures)).toBeGreaterThanOrEqual(0);
        expect(figures.reduce((sum, ms) => sum + ms, 0)).toBe(wallTimeMs);
      }),
    );
  });
});
