import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';

import { writeInitrd } from '../../environment/initrd';
import { FileStream } from '../../src/host/machine/file-stream';
import type { GuestRun } from '../../src/host/machine/guest-run';
import type { Machine, MachineConfig, MachineExit } from '../../src/host/machine/machine';
import { GuestRam } from '../../src/host/machine/qemu/guest-ram';
import { FD, lowMemoryLimitBytes, nodeSizesMib, qemuArgs } from '../../src/host/machine/qemu/qemu-args';
import { QEMU } from '../../src/host/machine/qemu/qemu-machine';
import { Qmp } from '../../src/host/machine/qemu/qmp';
import { watchGuest } from '../../src/host/machine/watch-guest';
import { nativeProgram } from '../../src/package-root';
import type { InlineTest } from '../vm/inline-test';

const LIMIT_BYTES = 64 * 1024 * 1024;
/** On a busy host an emulated CPU that runs the CPUs of a guest takes a minute for a boot of ten seconds. */
const DEADLINES = { silenceMs: 100_000, bootMs: 200_000, testMs: 60_000, poweroffMs: 30_000 };

/** Boots a planned test on the KVM of this host with QEMU, and follows it to its end. */
export async function runOnQemuKvm({ plan, spec }: InlineTest): Promise<GuestRun> {
  using initrd = await writeInitrd(plan.base, plan.suffix);
  const startedAt = performance.now();
  await using machine = await QemuKvm.start({
    kernelImage: plan.kernelImage,
    initrd: initrd.pathForChildren,
    cmdline: plan.cmdline,
    topology: spec.topology,
    memoryMib: spec.memoryMib,
  });
  return await watchGuest(machine, { deadlines: DEADLINES, startedAt });
}

/** The command line of the emulated machine, with the vcpus run by KVM. */
function kvmArgs(config: MachineConfig): string[] {
  const args = qemuArgs('emulated', config);
  const put = (option: string, value: string): void => {
    args[args.indexOf(option) + 1] = value;
  };
  put('-accel', 'kvm');
  put('-cpu', 'host');
  return args;
}

/** QEMU with the lines of an emulated machine; no more of `Machine` than following a guest takes. */
class QemuKvm implements Machine {
  readonly kind = 'kvm';
  readonly memory: GuestRam;
  readonly console = line();
  readonly early = line();
  readonly port = line();
  readonly peakMemoryKib = 0;
  readonly exited: Promise<MachineExit>;
  readonly #log = line();
  readonly #child: ChildProcess;
  readonly #qmp: Qmp;
  #reason: unknown;
  #stderr = '';

  static async start(config: MachineConfig): Promise<QemuKvm> {
    const machine = new QemuKvm(config);
    // QEMU opens the image on its way here.
    await machine.#qmp.execute('qmp_capabilities').catch(() => undefined);
    return machine;
  }

  private constructor(config: MachineConfig) {
    this.memory = new GuestRam(nodeSizesMib(config), lowMemoryLimitBytes(config));
    const lines = [this.console, this.early, this.port, this.#log].map((stream) => stream.writeFd);
    const ram = this.memory.nodes.map((node) => node.file.fd);
    this.#child = spawn(nativeProgram('host/tether'), [String(process.pid), QEMU, ...kvmArgs(config)], {
      stdio: ['ignore', 'ignore', 'pipe', ...lines, 'pipe', ...ram],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    const descriptors = this.#child.stdio as unknown as readonly Duplex[];
    this.#qmp = new Qmp(descriptors[FD.qmp] as Duplex, ({ event, data }) => {
      if (event === 'SHUTDOWN') this.#reason = data?.['reason'];
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ kind: 'failed', exitCode: null, stderr: error.message }));
      this.#child.once('close', (code, signal) => resolve(this.#settle(code, signal)));
    });
  }

  async pause(): Promise<void> {
    await this.#qmp.execute('stop');
  }

  async resume(): Promise<void> {
    await this.#qmp.execute('cont');
  }

  registers(): Promise<never> {
    return Promise.reject(new TypeError('QEMU is followed here, not looked into'));
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    for (const held of [this.console, this.early, this.port, this.#log, this.memory]) held[Symbol.dispose]();
  }

  #settle(exitCode: number | null, signal: NodeJS.Signals | null): MachineExit {
    for (const stream of [this.console, this.early, this.port]) stream.drain();
    if (signal !== null) return { kind: 'killed', signal };
    if (exitCode !== 0) return { kind: 'failed', exitCode, stderr: this.#stderr.trim() };
    return { kind: this.#reason === 'guest-shutdown' ? 'poweroff' : 'reset' };
  }
}

function line(): FileStream {
  return new FileStream(LIMIT_BYTES, () => {
    throw new Error('the guest writes without end');
  });
}
