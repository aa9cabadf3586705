import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildFuzzers, fuzzTargets } from '../../../fuzz/build-fuzzers';
import { replay, runFuzzer } from '../../../fuzz/run-fuzzer';
import { packageRoot } from '../../../src/package-root';
import { builtProgram } from '../programs';
import { testWithFuzzers } from './fuzzers';

/** Ten times what the slowest took on a busy host. */
const SECONDS = 60;
const TIMEOUT_MS = (180 + SECONDS + 60) * 1000;

/** One check less in one file; the white space is that of the source. */
interface Breakage {
  target: string;
  check: string;
  file: string;
  from: string;
  to: string;
}

const BREAKAGES: readonly Breakage[] = [
  {
    ...{ target: 'virtq', check: 'of the index of a descriptor', file: 'virtq.c' },
    ...{ from: 'if (index >= queue->size)', to: 'if (0)' },
  },
  {
    ...{ target: 'virtq', check: 'for a chain that has a loop', file: 'virtq.c' },
    ...{ from: 'length < queue->size; length++', to: 'length < UINT32_MAX; length++' },
  },
  {
    ...{ target: 'virtio_mmio', check: 'of the number of a queue', file: 'virtio_mmio.c' },
    ...{ from: 'if (transport->queue_index < transport->ops->queue_count)\n\t\t\twrite', to: 'write' },
  },
  {
    ...{ target: 'console', check: 'of the length of a control message', file: 'console.c' },
    ...{ from: 'chain->buffers[0].iov_len < sizeof(control)', to: '0' },
  },
  {
    ...{ target: 'serial', check: 'for loopback', file: 'serial.c' },
    ...{ from: 'if (!(serial->mcr & UART_MCR_LOOP))\n\t\tsend(', to: 'send(' },
  },
  {
    ...{ target: 'serial', check: 'for a line that is full', file: 'serial.c' },
    ...{ from: ' || serial->held == SERIAL_LINE_BYTES', to: '' },
  },
  {
    ...{ target: 'ioapic', check: 'of the number of an entry', file: 'ioapic.c' },
    ...{ from: 'ioapic->index >= FIRST_ENTRY && ioapic->index < FIRST_ENTRY + 2 * IOAPIC_PINS', to: '1' },
  },
  {
    ...{ target: 'ioapic', check: 'for a level that outlasts its interrupt', file: 'ioapic.c' },
    ...{ from: '*entry &= ~REMOTE_IRR;\n\t\tsend_level(ioapic, pin);', to: '*entry &= ~REMOTE_IRR;' },
  },
  {
    ...{ target: 'bzimage', check: 'for an initrd over the kernel', file: 'boot.c' },
    ...{ from: 'boot->initrd_gpa < floor', to: 'boot->initrd_gpa < EXTENDED_START' },
  },
  {
    ...{ target: 'elf_image', check: 'of the number of segments', file: 'elf_image.c' },
    ...{ from: 'header.e_phnum > MAX_SEGMENTS ||', to: '' },
  },
];

let folder: string;

beforeAll(() => {
  builtProgram('host/tether');
  folder = mkdtempSync(join(tmpdir(), 'ktstr-fuzz-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Builds the fuzzer of sources that lack a check. */
async function brokenFuzzer({ target, file, from, to }: Breakage, scratch: string): Promise<string> {
  const sources = join(scratch, 'vmm');
  cpSync(join(packageRoot(), 'native/vmm'), sources, { recursive: true });
  const text = readFileSync(join(sources, file), 'utf8');
  expect(text.split(from)).toHaveLength(2);
  writeFileSync(join(sources, file), text.replace(from, to));
  const elsewhere = { sources, out: join(scratch, 'out') };
  const programs = await buildFuzzers({ targets: [target], elsewhere });
  return programs.get(target)!;
}

test('a check is missing in the sources of every fuzzer', () => {
  // Its sources are those of native/monitor, which cannot be replaced.
  const whole = ['monitor'];
  const broken = new Set(BREAKAGES.map(({ target }) => target));
  expect([...broken, ...whole].toSorted()).toEqual(fuzzTargets().toSorted());
});

testWithFuzzers.each(BREAKAGES)(
  'the fuzzer of $target notices that a check $check is missing, and its input shows it again',
  async (breakage) => {
    const scratch = mkdtempSync(join(folder, `${breakage.target}-`));
    const program = await brokenFuzzer(breakage, scratch);
    const { finding } = await runFuzzer({ program, folder: join(scratch, 'run'), seconds: SECONDS });
    expect(finding?.reproducer).toContain(join(scratch, 'run'));
    const again = await replay(program, finding?.reproducer ?? '');
    expect(again?.summary).toMatch(/does not hold|runtime error|AddressSanitizer/);
  },
  TIMEOUT_MS,
);
