import { expect, test } from '@jest/globals';

import { cacheDir, storedKernels } from '../../src/host/kernel/store';
import { global } from '../../src/host/monitor/bpf/globals';
import { map } from '../../src/host/monitor/bpf/maps';
import { program } from '../../src/host/monitor/bpf/programs';
import { Kernel } from '../../src/host/monitor/kernel/kernel';
import { Scheduler } from '../../src/spec/scheduler/scheduler';
import { bpftoolPath, RUN } from '../vm/monitor/bpftool';
import { stopGuest } from '../vm/monitor/stopped-guest';

const kernel = storedKernels(cacheDir(process.env)).find(({ schedExt }) => schedExt)?.key ?? '';
/** On an emulated CPU a task may wait for longer than the scheduler's own 5 s. */
const scheduler = Scheduler.binary({ name: 'scx_ktstr', watchdogTimeoutMs: 30_000 });

/** Tells of the switch when it is off, and again once it is on. */
const BODY = `
  ${RUN}
  const degrade = () => Object.assign({}, ...bpftool('map', 'dump', 'name', 'scx_ktst.bss')[0].formatted.value['.bss']).degrade;
  tell(degrade());
  while (degrade() === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  tell(degrade());
`;

test("a scheduler's variables are read and written in a guest on KVM, which is memory of this process", async () => {
  const includeFiles = [bpftoolPath()];
  await using guest = await stopGuest(BODY, { machine: 'kvm', cores: 2, kernel, scheduler, includeFiles });
  expect(guest.told).toBe(0);
  const seen = Kernel.locate(guest.machine.memory, guest.info);
  expect(global(seen, 'nr_cpus').number()).toBe(2);
  expect(program(seen, 'ktstr_enqueue').attachedTo).toBe('sched_ext_ops.enqueue');
  expect(map(seen, 'ktstr_ops').get('data.name').text()).toBe('ktstr');
  global(seen, 'degrade').set(1);
  expect(await guest.untilNext()).toBe(1);
});
