import { expect, test } from '@jest/globals';

import { watchGuest } from '../../src/host/machine/watch-guest';
import { planBody, startMachine } from '../vm/inline-test';
import { DEADLINES } from '../vm/monitor/boot-again';
import { EXPECTS_CPUS_ONLINE } from '../vm/shapes';
import { storedKey } from '../vm/stored-kernel';
import { expectPowerOff } from './power-off';

/** So that the second LLC's first CPU has the id 256, the third one's 512. */
const APIC_LLC_BITS = 8;

/** Tells of the ids, and of the interrupts of the console that CPU 2 has got once they are sent there. */
const BODY = `
  ${EXPECTS_CPUS_ONLINE}
  const apicIds = [...fs.readFileSync('/proc/cpuinfo', 'utf8').matchAll(/^apicid\\s*:\\s*(\\d+)$/gm)].map(([, id]) => Number(id));
  const fields = () => fs.readFileSync('/proc/interrupts', 'utf8').split('\\n').find((line) => /virtio/.test(line)).trim().split(/\\s+/);
  const onCpu2 = () => Number(fields()[3]);
  fs.writeFileSync('/proc/irq/' + parseInt(fields()[0]) + '/smp_affinity_list', '2');
  const before = onCpu2();
  for (let frame = 0; frame < 20 && onCpu2() - before < 3; frame++) {
    console.error('a frame');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log(JSON.stringify({ apicIds, kind: fields()[4], level: fields()[5], has: onCpu2() - before >= 3 }));
`;

test.each([
  { name: 'the kernel that is built', isBuilt: true },
  { name: "Debian's cloud kernel", isBuilt: false },
])('$name has CPUs with APIC ids above 255, and sends interrupts there', async ({ isBuilt }) => {
  const options = { machine: 'kvm', kernel: storedKey(isBuilt), llcs: 3, cores: 1 } as const;
  await using machine = await startMachine(await planBody(BODY, options), { apicLlcBits: APIC_LLC_BITS });
  const printed: string[] = [];
  const run = await watchGuest(machine, {
    ...{ deadlines: DEADLINES, startedAt: performance.now() },
    onMessage: (message) => {
      if (message.kind === 'console') printed.push(message.message);
    },
  });
  expectPowerOff(run);
  expect(run.messages.result?.errors).toEqual([]);
  expect(JSON.parse(printed.at(-1) ?? 'null')).toEqual({
    ...{ apicIds: [0, 256, 512], kind: 'IO-APIC', level: '5-fasteoi', has: true },
  });
  expect(run.messages.hello?.topology.llcs.map(({ cpus }) => cpus)).toEqual([[0], [1], [2]]);
});
