import { expect, test } from '@jest/globals';

import { WorkerKit } from '../../../../src/guest/workers/worker-kit';
import { findCgroupPlace, TestCgroup } from '../../cgroup';
import { builtProgram } from '../../programs';

const place = findCgroupPlace();
const testOnCgroups = 'dir' in place ? test : test.skip;
const why = 'reason' in place ? ` (skipped: ${place.reason})` : '';

testOnCgroups(`WorkerKit.spawn() puts each worker into the cgroup of its group${why}`, async () => {
  const root = 'dir' in place ? place.dir : '';
  using left = new TestCgroup(root);
  using right = new TestCgroup(root);
  await using kit = await WorkerKit.launch(builtProgram('guest/workers'));
  kit.addGroup({ cgroup: 'left', cgroupDir: left.dir, workers: 2, workType: 'SpinWait', seed: 1 });
  kit.addGroup({ cgroup: 'right', cgroupDir: right.dir, workers: 1, workType: 'SpinWait', seed: 1 });
  const workers = await kit.spawn();
  const pidsOf = (cgroup: string): number[] => workers.filter((w) => w.cgroup === cgroup).map(({ pid }) => pid);

  expect(left.pidsIn()).toEqual(pidsOf('left'));
  expect(right.pidsIn()).toEqual(pidsOf('right'));
  await kit.stop();
  expect(left.pidsIn()).toEqual([]);
});
