import { beforeAll, describe, expect, test } from '@jest/globals';

import { outerKernel } from '../../nested/outer-kernel';
import { cacheDir, storedKernels } from '../../src/host/kernel/store';
import type { GuestTopology } from '../../src/spec/topology/guest-topology';
import { planBody, runPlanned, type InlineTest } from '../vm/inline-test';
import { EXPECTS_CPUS_ONLINE, expectShape, SHAPES, type Shape } from '../vm/shapes';

const TELLS_CLOCK = `console.log(fs.readFileSync('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'utf8').trim());`;

/** Paths or keys of the kernels, as the option takes them. */
const KERNELS = {
  "Debian's cloud kernel": () => storedKey(false),
  "Debian's kernel for every machine": async () => (await outerKernel(() => undefined)).image,
  'the kernel that is built': () => storedKey(true),
};

const NAMES = [
  'one CPU',
  '4 cores',
  '2 LLCs of 2 cores of 2 threads',
  '2 nodes of one LLC of 2 cores',
  '3 LLCs of 3 cores',
] as const;

describe.each(Object.entries(KERNELS))('%s on KVM', (_, find) => {
  let kernel: string;

  beforeAll(async () => {
    kernel = await find();
  });

  test.each(NAMES)('boots and sees %s', async (name) => {
    const shape: Shape = SHAPES[name];
    const body = `${EXPECTS_CPUS_ONLINE} ${TELLS_CLOCK}`;
    await expectGuest(await planBody(body, { machine: 'kvm', kernel, ...shape.options }), shape);
  });
});

async function expectGuest(planned: InlineTest, shape: Shape): Promise<void> {
  const { run, result, printed } = await runPlanned(planned);
  expect({ exit: run.exit, stop: run.stop, faults: run.faults, console: run.consoleText }).toMatchObject({
    exit: { kind: 'poweroff' },
    stop: null,
    faults: [],
  });
  expect({ machine: result.machine, errors: result.errors }).toEqual({ machine: 'kvm', errors: [] });
  expect(result.kernelRelease).toBe(planned.plan.kernel.release);
  expect(printed.map(({ message }) => message)).toEqual(['kvm-clock']);
  expectShape(result.topology as GuestTopology, shape);
}

function storedKey(isBuilt: boolean): string {
  const kernel = storedKernels(cacheDir(process.env)).find(({ schedExt }) => schedExt === isBuilt);
  if (kernel === undefined)
    throw new Error(`no kernel ${isBuilt ? 'with' : 'without'} sched_ext is stored; npm run setup gets one`);
  return kernel.key;
}
