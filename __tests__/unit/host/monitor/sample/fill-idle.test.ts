import { expect, test } from '@jest/globals';

import { fillIdle } from '../../../../../src/host/monitor/sample/fill-idle';
import { sample } from '../../../verdict/monitor/samples';

const TASK = { pid: 7, comm: 'waits' };
const PERIOD_NS = 10_000_000n;

const waiting = (atMs: number, ms: number) =>
  sample(atMs, [
    { nrRunning: 3, longestWait: { task: TASK, ms } },
    { nrRunning: 1, longestWait: null },
  ]);

test('fillIdle() adds nothing between samples that are a period apart, or a tick more', () => {
  const samples = [waiting(0, 0), waiting(10, 10), waiting(20, 20), waiting(30, 30)];
  expect(fillIdle(samples, PERIOD_NS)).toEqual(samples);
  expect(fillIdle([], PERIOD_NS)).toEqual([]);
});

test('fillIdle() shows what a sample after an idle time shows at each period of that time, with shorter waits', () => {
  const after = waiting(45, 44);
  const [first, ...filled] = fillIdle([waiting(0, 0), after], PERIOD_NS);
  expect(first?.hostNs).toBe(waiting(0, 0).hostNs);
  expect(filled.map(({ hostNs }) => Number(hostNs - after.hostNs) / 1e6)).toEqual([-35, -25, -15, -5, 0]);
  expect(filled.map(({ cpus }) => cpus[0]?.longestWait?.ms)).toEqual([9, 19, 29, 39, 44]);
  expect(filled.map(({ cpus }) => cpus[1]?.longestWait)).toEqual([null, null, null, null, null]);
  expect(filled.map(({ cpus }) => cpus[0]?.nrRunning)).toEqual([3, 3, 3, 3, 3]);
});

test('fillIdle() has no wait that is below 0', () => {
  const filled = fillIdle([waiting(0, 0), waiting(30, 5)], PERIOD_NS);
  expect(filled.map(({ cpus }) => cpus[0]?.longestWait?.ms)).toEqual([0, 0, 0, 5]);
});
