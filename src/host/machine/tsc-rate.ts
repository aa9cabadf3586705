import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { HarnessError } from '../../errors';
import { nativeProgram } from '../../package-root';
import { scaledMs } from '../../spec/time-scale';
import type { MachineName } from './machine';

/** In virtual time QEMU counts one tick per nanosecond. */
const VIRTUAL_KHZ = 1_000_000;
const DEADLINE_MS = scaledMs(10_000);

let hostKhz: Promise<number> | undefined;

/** Rate of the TSC that a machine's guest sees, in kHz. That of the host is measured once per process. @throws {HarnessError} `tsc-rate` */
export function tscKhz(machine: MachineName): Promise<number> {
  if (machine === 'deterministic') return Promise.resolve(VIRTUAL_KHZ);
  hostKhz ??= measure();
  return hostKhz;
}

async function measure(): Promise<number> {
  const program = nativeProgram('host/tsc_khz');
  const { stdout } = await promisify(execFile)(program, { timeout: DEADLINE_MS });
  const khz = Number(stdout.trim());
  if (!Number.isInteger(khz) || khz <= 0) throw new HarnessError('tsc-rate', { program, output: stdout.trim() });
  return khz;
}
