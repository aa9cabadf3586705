import { expect, test } from '@jest/globals';

import { runBody } from '../vm/inline-test';

test('the monitor reads a guest on KVM, in the memory of this process', async () => {
  const body = `return executeDefs(ctx, [CgroupDef.named('crowd').workers(6).cpuset(Cpuset.exact(0))]);`;
  const { result, text } = await runBody(body, {
    // On an emulated CPU the host learns late where the guest's kernel is and when its workers start.
    ...{ machine: 'kvm', cores: 2, durationMs: 6000 },
    monitor: { maxImbalanceRatio: 2, sustainedSamples: 3 },
  });
  expect({ text, monitor: result.monitor }).toMatchObject({ text: expect.stringMatching(/monitor: .*imbalance/) });
  expect(result).toMatchObject({ outcome: 'fail', failure: 'check-failed', machine: 'kvm' });
  expect(result.details.map(({ kind }) => kind)).toEqual(['monitor']);
  expect(result.dump?.sched?.cpus).toHaveLength(2);
  expect(result.monitor?.problem).toBeNull();
  // The workers keep a vcpu busy, whose thread is this process's.
  expect(result.monitor?.vcpus?.cpuMs).toBeGreaterThan(100);
});
