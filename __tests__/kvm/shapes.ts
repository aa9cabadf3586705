import { beforeAll, describe, expect, test } from '@jest/globals';

import type { GuestTopology } from '../../src/spec/topology/guest-topology';
import { planBody, runPlanned } from '../vm/inline-test';
import { EXPECTS_CPUS_ONLINE, expectShape, SHAPES, type Shape } from '../vm/shapes';
import { expectPowerOff } from './power-off';

const TELLS_CLOCK = `console.log(fs.readFileSync('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'utf8').trim());`;

const NAMES = [
  'one CPU',
  '4 cores',
  '2 LLCs of 2 cores of 2 threads',
  '2 nodes of one LLC of 2 cores',
  '3 LLCs of 3 cores',
] as const;

/** A kernel on machines of several shapes. `find` gives its path or key, as the option takes it. */
export function describeShapes(kernelName: string, find: () => string | Promise<string>): void {
  describe(`${kernelName} on KVM`, () => {
    let kernel: string;

    beforeAll(async () => {
      kernel = await find();
    });

    test.each(NAMES)('boots and sees %s', async (name) => {
      const shape: Shape = SHAPES[name];
      const body = `${EXPECTS_CPUS_ONLINE} ${TELLS_CLOCK}`;
      const planned = await planBody(body, { machine: 'kvm', kernel, ...shape.options });
      const { run, result, printed } = await runPlanned(planned);
      expectPowerOff(run);
      expect({ machine: result.machine, errors: result.errors }).toEqual({ machine: 'kvm', errors: [] });
      expect(result.kernelRelease).toBe(planned.plan.kernel.release);
      expect(printed.map(({ message }) => message)).toEqual(['kvm-clock']);
      expectShape(result.topology as GuestTopology, shape);
    });
  });
}
