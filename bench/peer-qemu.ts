import { spawn } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';

import { buildSuffix } from '../initramfs/suffix';
import type { Plan } from '../environment/plan';
import { AnonymousFile } from '../src/host/machine/anonymous-file';
import { QEMU } from '../src/host/machine/qemu/qemu-machine';
import { nativeProgram } from '../src/package-root';
import { cpuCount } from '../src/spec/topology/topology';
import type { TestSpec } from '../src/spec/declare/test-spec';

/** Many times what it takes: plain QEMU now and then never comes up, with its vcpus on a thread each. */
const DEADLINE_MS = 30_000;

/** The same image, but with an init that powers off at once. */
export function makePeerInitrd(plan: Plan): AnonymousFile {
  const init = { kind: 'file', guestPath: '/init', hostPath: nativeProgram('bench/poweroff'), mode: 0o755 } as const;
  const parts = [readFileSync(plan.base.path), plan.suffix, buildSuffix([init]).archive];
  const file = new AnonymousFile(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) {
    for (let offset = 0; offset < part.length;) offset += writeSync(file.fd, part, offset);
  }
  return file;
}

/** QEMU as one would call it by hand, on the same kernel, image and shape. Resolves with its wall time in milliseconds, null when it hung. */
export function runPeer(plan: Plan, spec: TestSpec, initrd: AnonymousFile): Promise<number | null> {
  const { llcs, cores, threads } = spec.topology;
  const smp = `${cpuCount(spec.topology)},sockets=${llcs},cores=${cores},threads=${threads}`;
  const args = [
    ...['-machine', 'microvm', '-accel', 'tcg', '-cpu', 'max', '-smp', smp, '-m', `${spec.memoryMib}M`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'null'],
    ...['-kernel', plan.kernel.image, '-initrd', initrd.pathForChildren],
    ...['-append', `console=ttyS0 rdinit=/init panic=-1 quiet ${tscOf(plan.cmdline)}`],
  ];
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(QEMU, args, { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(performance.now() - startedAt);
      else if (signal === 'SIGKILL') resolve(null);
      else reject(new Error(`plain QEMU ended with ${signal ?? `code ${code}`}`));
    });
  });
}

/** The peer is told its TSC rate as well: left to find it out, its guest hangs in every second boot on a busy host. */
function tscOf(cmdline: string): string {
  return cmdline.split(' ').find((argument) => argument.startsWith('tsc_early_khz=')) ?? '';
}
