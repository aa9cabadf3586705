import { expect, test } from '@jest/globals';

import { startMachine } from '../../../../src/host/machine/start-machine';

const SHAPE = { numaNodes: 1, llcs: 1, cores: 1, threads: 1 };
const CONFIG = { kernelImage: '/nowhere', initrd: '/nowhere', cmdline: '', memoryMib: 64 };
const NODE = { memoryMib: 64, latencyNs: 1, bandwidthMbps: 16, cacheMib: 0 };

test.each([
  { name: 'memory by node', config: { ...CONFIG, topology: { ...SHAPE, memory: [NODE] } } },
  { name: 'wide APIC ids', config: { ...CONFIG, topology: SHAPE, apicLlcBits: 8 } },
])('startMachine() refuses $name of a machine that is not KVM, before it starts anything', async ({ config }) => {
  for (const kind of ['emulated', 'deterministic'] as const)
    await expect(startMachine(kind, config)).rejects.toThrow(TypeError);
});
