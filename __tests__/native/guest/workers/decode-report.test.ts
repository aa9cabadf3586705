import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { decodeReport } from '../../../../src/guest/workers/decode-report';
import { REPORT_BYTES, REPORT_LAYOUT, WORKER_EXITS } from '../../../../src/guest/workers/report-layout.gen';
import { packageRoot } from '../../../../src/package-root';
import { builtProgram } from '../../programs';

type Sample = Record<keyof typeof REPORT_LAYOUT, [string, ...string[]]>;

const origin = { cgroup: 'left', workType: 'SpinWait', firstIndex: 0 };

let sample: Sample;
let bytes: Buffer;

beforeAll(() => {
  const output = execFileSync(builtProgram('host/report_sample'));
  const end = output.indexOf('\n');
  sample = JSON.parse(output.toString('utf8', 0, end)) as Sample;
  bytes = output.subarray(end + 1);
});

function withExit(kind: (typeof WORKER_EXITS)[number], value = 0): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(WORKER_EXITS.indexOf(kind), REPORT_LAYOUT.exit_kind.offset);
  copy.writeUInt32LE(value, REPORT_LAYOUT.exit_value.offset);
  return copy;
}

function cpusOf(words: string[]): number[] {
  return words.flatMap((word, i) =>
    [...BigInt(word).toString(2)].reverse().flatMap((bit, cpu) => (bit === '1' ? [64 * i + cpu] : [])),
  );
}

test('decodeReport() finds every field where the C program put it', () => {
  const value = (field: keyof Sample): number => Number(sample[field][0]);
  expect(decodeReport(withExit('completed'), { ...origin, firstIndex: 3 })).toEqual({
    cgroup: 'left',
    index: value('index') + 3,
    pid: value('pid'),
    workType: 'SpinWait',
    workUnits: value('work_units'),
    iterations: value('iterations'),
    wallTimeNs: value('wall_time_ns'),
    cpuTimeNs: value('cpu_time_ns'),
    offCpuNs: 0,
    maxGapNs: value('max_gap_ns'),
    maxGapCpu: value('max_gap_cpu'),
    maxGapAtNs: value('max_gap_at_ns'),
    migrationCount: value('migration_count'),
    migrations: sample.migration_at_ns.map((atNs, i) => ({
      atNs: Number(atNs),
      from: Number(sample.migration_from[i]),
      to: Number(sample.migration_to[i]),
    })),
    cpusUsed: cpusOf(sample.cpus_used),
    schedstatCpuTimeNs: value('schedstat_cpu_time_ns'),
    schedstatRunDelayNs: value('schedstat_run_delay_ns'),
    schedstatRunCount: value('schedstat_run_count'),
    exit: { kind: 'completed' },
  });
});

test('decodeReport() gives as many migrations as there were when they are fewer than the struct holds', () => {
  const report = withExit('completed');
  report.writeBigUInt64LE(2n, REPORT_LAYOUT.migration_count.offset);

  expect(decodeReport(report, origin).migrations).toHaveLength(2);
});

test('decodeReport() takes the time off the CPU from wall and CPU time', () => {
  const report = withExit('completed');
  report.writeBigUInt64LE(9_000n, REPORT_LAYOUT.wall_time_ns.offset);
  report.writeBigUInt64LE(2_000n, REPORT_LAYOUT.cpu_time_ns.offset);

  expect(decodeReport(report, origin).offCpuNs).toBe(7_000);
});

test.each([
  { kind: 'completed', expected: { kind: 'completed' } },
  { kind: 'signaled', expected: { kind: 'signaled', signal: 11 } },
  { kind: 'exited', expected: { kind: 'exited', code: 11 } },
  { kind: 'timed-out', expected: { kind: 'timed-out' } },
] as const)('decodeReport() tells how a worker ended when it is $kind', ({ kind, expected }) => {
  expect(decodeReport(withExit(kind, 11), origin).exit).toEqual(expected);
});

test.each([
  { name: 'is a byte short', report: () => withExit('completed').subarray(1) },
  { name: 'is a byte long', report: () => Buffer.concat([withExit('completed'), Buffer.alloc(1)]) },
  { name: 'says that the worker has not ended', report: () => withExit('unfinished') },
  { name: 'has an unknown exit kind', report: () => bytes },
])('decodeReport() throws when a report $name', ({ report }) => {
  expect(() => decodeReport(report(), origin)).toThrow(
    expect.objectContaining({ code: 'worker-report-invalid', fields: expect.objectContaining({ cgroup: 'left' }) }),
  );
});

test('the generated layout is that of the C header', () => {
  expect(bytes).toHaveLength(REPORT_BYTES);
  execFileSync('make', ['-C', join(packageRoot(), 'native'), '-s', 'check-abi'], { stdio: 'pipe' });
});
