import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';

import { HarnessError, isHarnessError } from '../../../errors';
import { nativeProgram } from '../../../package-root';
import { scaledMs } from '../../../spec/time-scale';
import type { CpuRegisters } from '../../monitor/cpu-registers';
import type { RamRange } from '../../native/address-space';
import { FileStream } from '../file-stream';
import type { Machine, MachineConfig, MachineExit } from '../machine';
import { GuestRam } from './guest-ram';
import { Probe } from './probe';
import { FD, FIRST_RAM_FD, lowMemoryLimitBytes, nodeSizesMib, probeFds, qemuArgs, type TimeKind } from './qemu-args';
import { Qmp, type QmpEvent } from './qmp';
import { parseRegisters } from './parse-registers';
import { checkTurns, openTurns } from './turns';

export const QEMU = 'qemu-system-x86_64';

const CONSOLE_LIMIT_BYTES = 64 * 1024 * 1024;
const PORT_LIMIT_BYTES = 1024 * 1024 * 1024;
const PROBE_LIMIT_BYTES = 1024 * 1024 * 1024;
const STOP_DEADLINE_MS = scaledMs(5_000);
const STDERR_TAIL_CHARS = 4_000;

/** QEMU's emulation of x86-64, in real or in instruction-counted virtual time, as a child that dies with this process. */
export class QemuMachine implements Machine {
  readonly kind: TimeKind;
  readonly memory: GuestRam;
  readonly console: FileStream;
  readonly early: FileStream;
  readonly port: FileStream;
  readonly vcpuThreads = [];
  /** There when the configuration asks for one. */
  readonly probe: Probe | undefined;
  readonly exited: Promise<MachineExit>;
  readonly pid: number;
  readonly #log: FileStream;
  readonly #child: ChildProcess;
  readonly #qmp: Qmp;
  #shutdownReason: string | undefined;
  #overLimit: string | undefined;
  #stderr = '';
  #peakMemoryKib = 0;

  /** Resolves when QEMU runs; the guest has begun to boot. @throws {HarnessError} `machine-start` */
  static async start(kind: TimeKind, config: MachineConfig): Promise<QemuMachine> {
    const machine = new QemuMachine(kind, config);
    try {
      await machine.#qmp.execute('qmp_capabilities');
      if (kind === 'deterministic') {
        checkTurns(machine.pid);
        await machine.resume();
      }
      return machine;
    } catch (cause) {
      const exit = await machine.#dispose();
      throw isHarnessError(cause, 'machine-start') ? cause : startError(kind, exit, cause);
    }
  }

  private constructor(kind: TimeKind, config: MachineConfig) {
    this.kind = kind;
    this.memory = new GuestRam(nodeSizesMib(config), lowMemoryLimitBytes(config));
    const line = (name: string, limitBytes: number): FileStream =>
      new FileStream(limitBytes, () => this.#exceed(name, limitBytes));
    this.console = line('console', CONSOLE_LIMIT_BYTES);
    this.early = line('early', CONSOLE_LIMIT_BYTES);
    this.port = line('port', PORT_LIMIT_BYTES);
    this.#log = line('log', CONSOLE_LIMIT_BYTES);
    const lines = [this.console, this.early, this.port, this.#log].map((stream) => stream.writeFd);
    const ram = this.memory.nodes.map((node) => node.file.fd);
    if (config.probe !== undefined)
      this.probe = new Probe(config.probe, ramOfQemu(this.memory), line('probe', PROBE_LIMIT_BYTES));
    const probe = this.probe === undefined ? [] : ([this.probe.ordersFd, this.probe.output.writeFd, 'pipe'] as const);
    // The slots follow FD, FIRST_RAM_FD and probeFds() of qemu-args.
    using turns = kind === 'deterministic' ? openTurns() : undefined;
    const stdio = ['ignore', 'ignore', 'pipe', ...lines, 'pipe', turns?.fd ?? 'ignore', ...ram, ...probe] as const;
    const plugin = this.probe && nativeProgram('host/libktstr_probe.so');
    const command = [String(process.pid), QEMU, ...qemuArgs(kind, config, plugin)];
    this.#child = spawn(nativeProgram('host/tether'), command, {
      stdio: [...stdio],
      env: { ...process.env, ...turns?.env },
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    // Node's types know five descriptors only; a 'pipe' is a socket pair, readable and writable.
    const descriptors = this.#child.stdio as unknown as readonly Duplex[];
    this.#qmp = new Qmp(descriptors[FD.qmp] as Duplex, (event) => this.#note(event));
    this.probe?.attach(descriptors[probeFds(config.topology).control] as Duplex);
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ kind: 'failed', exitCode: null, stderr: error.message }));
      this.#child.once('close', (code, signal) => resolve(this.#settle(code, signal)));
    });
  }

  get ram(): readonly RamRange[] {
    return this.memory.fileRanges;
  }

  get peakMemoryKib(): number {
    return this.#peakMemoryKib;
  }

  async pause(): Promise<void> {
    await this.#qmp.execute('stop');
  }

  async resume(): Promise<void> {
    await this.#qmp.execute('cont');
  }

  async registers(): Promise<CpuRegisters[]> {
    const text = await this.#qmp.execute('human-monitor-command', { 'command-line': 'info registers -a' });
    return parseRegisters(String(text));
  }

  /** Ends the machine at once; the guest gets no chance to shut down. Does nothing when it has ended. */
  async stop(): Promise<void> {
    this.#measure();
    this.#child.kill('SIGKILL');
    await Promise.race([this.exited, new Promise((resolve) => setTimeout(resolve, STOP_DEADLINE_MS).unref())]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }

  async #dispose(): Promise<MachineExit> {
    await this.stop();
    const exit = await this.exited;
    for (const held of [this.console, this.early, this.port, this.#log, this.memory]) held[Symbol.dispose]();
    this.probe?.[Symbol.dispose]();
    return exit;
  }

  #note(event: QmpEvent): void {
    if (event.event !== 'SHUTDOWN') return;
    this.#shutdownReason = String(event.data?.['reason']);
    this.#measure();
  }

  #measure(): void {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      this.#peakMemoryKib = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? this.#peakMemoryKib);
    } catch {
      // QEMU has just gone; what was measured before stands.
    }
  }

  #exceed(line: string, limitBytes: number): void {
    this.#overLimit = `the guest wrote more than ${limitBytes / 1024 / 1024} MiB to the ${line} line`;
    this.#child.kill('SIGKILL');
  }

  #settle(exitCode: number | null, signal: NodeJS.Signals | null): MachineExit {
    for (const stream of [this.console, this.early, this.port, this.#log]) stream.drain();
    this.probe?.output.drain();
    if (this.#overLimit !== undefined) return { kind: 'failed', exitCode, stderr: this.#overLimit };
    if (signal !== null) return { kind: 'killed', signal };
    if (exitCode !== 0) return { kind: 'failed', exitCode, stderr: this.#stderr.trim() };
    if (this.#shutdownReason === 'guest-shutdown') return { kind: 'poweroff' };
    if (this.#shutdownReason === 'host-signal') return { kind: 'killed', signal: caughtSignal(this.#stderr) };
    return { kind: this.#log.text().includes('Triple fault') ? 'triple-fault' : 'reset' };
  }
}

/** QEMU ends in order on a signal that it can catch, and says which only in words. */
function caughtSignal(stderr: string): string {
  const number = Number(/terminating on signal (\d+)/.exec(stderr)?.[1]);
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? 'a signal';
}

const EXIT_NO_PROGRAM = 127;

function startError(machine: string, exit: MachineExit, cause: unknown): HarnessError {
  if (exit.kind === 'failed' && exit.exitCode === EXIT_NO_PROGRAM) {
    return new HarnessError(
      'machine-start',
      { machine, reason: `${QEMU} is not installed`, remedy: 'Run: npx ktstr setup' },
      { cause },
    );
  }
  const reason =
    exit.kind === 'failed' ? `QEMU ended with code ${exit.exitCode}: ${exit.stderr}` : `QEMU ended (${exit.kind})`;
  return new HarnessError('machine-start', { machine, reason, remedy: 'Try: qemu-system-x86_64 --version' }, { cause });
}

/** RAM by the descriptors that QEMU has. */
function ramOfQemu(memory: GuestRam): RamRange[] {
  return memory.fileRanges.map(({ gpa, bytes, node, fileOffset }) => ({
    ...{ gpa, bytes, fileOffset },
    fd: FIRST_RAM_FD + node,
  }));
}
