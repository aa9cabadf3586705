import { closeSync, openSync } from 'node:fs';

import { HarnessError, isHarnessError } from '../../../errors';
import type { NodeMemory } from '../../../spec/topology/topology';
import { scaledMs } from '../../../spec/time-scale';
import { Vmm, type VmmOutcome } from '../../native/vmm';
import { VMM_DEFAULTS, VMM_IMAGE, type VmmNode } from '../../native/vmm-layout';
import type { RamRange } from '../../native/address-space';
import type { CpuRegisters } from '../../monitor/cpu-registers';
import { FileStream } from '../file-stream';
import type { Machine, MachineConfig, MachineExit } from '../machine';
import { kvmExit } from './kvm-exit';
import { KvmMemory } from './kvm-memory';

const CONSOLE_LIMIT_BYTES = 64 * 1024 * 1024;
const PORT_LIMIT_BYTES = 1024 * 1024 * 1024;
const STOP_DEADLINE_MS = scaledMs(5_000);
/** A vcpu leaves the guest within microseconds of a kick; one that does not get a host CPU for this long is stuck. */
const PAUSE_DEADLINE_MS = scaledMs(5_000);
const MIB = 1024 * 1024;

interface Lines {
  console: FileStream;
  early: FileStream;
  port: FileStream;
}

/** A machine on /dev/kvm, inside this process: it ends with it. */
export class KvmMachine implements Machine {
  readonly kind = 'kvm';
  readonly memory: KvmMemory;
  readonly console: FileStream;
  readonly early: FileStream;
  readonly port: FileStream;
  readonly exited: Promise<MachineExit>;
  readonly #vmm: Vmm;
  readonly #overLimit: () => string | undefined;
  #disposed: Promise<void> | undefined;

  /** Resolves when the guest has begun to boot. @throws {HarnessError} `machine-start` */
  static async start(config: MachineConfig): Promise<KvmMachine> {
    if (config.probe !== undefined)
      throw new TypeError('start a KVM machine with a probe: only emulated machines have one');
    let overLimit: string | undefined;
    let machine: KvmMachine | undefined;
    const line = (name: string, limitBytes: number): FileStream =>
      new FileStream(limitBytes, () => {
        overLimit = `the guest wrote more than ${limitBytes / MIB} MiB to the ${name} line`;
        machine?.kill();
      });
    const lines: Lines = {
      console: line('console', CONSOLE_LIMIT_BYTES),
      early: line('early', CONSOLE_LIMIT_BYTES),
      port: line('port', PORT_LIMIT_BYTES),
    };
    try {
      const vmm = await createVmm(config, lines);
      machine = new KvmMachine(vmm, { lines, memoryMib: config.memoryMib, overLimit: () => overLimit });
      vmm.start();
      return machine;
    } catch (cause) {
      if (machine) await machine[Symbol.asyncDispose]();
      else for (const stream of Object.values(lines) as FileStream[]) stream[Symbol.dispose]();
      throw startError(cause);
    }
  }

  private constructor(
    vmm: Vmm,
    { lines, memoryMib, overLimit }: { lines: Lines; memoryMib: number; overLimit: () => string | undefined },
  ) {
    this.#vmm = vmm;
    this.#overLimit = overLimit;
    this.console = lines.console;
    this.early = lines.early;
    this.port = lines.port;
    this.memory = new KvmMemory(vmm, memoryMib * MIB);
    this.exited = vmm.ended.then((outcome) => this.#settle(outcome));
  }

  get ram(): readonly RamRange[] {
    return this.#vmm.ranges().map(({ gpa, bytes, address }) => ({
      ...{ gpa: Number(gpa), bytes: Number(bytes), address: BigInt(address) },
    }));
  }

  get vcpuThreads(): readonly { pid: number; tid: number }[] {
    const { pid } = process;
    return Array.from({ length: this.#vmm.info().vcpus }, (_, vcpu) => ({ pid, tid: this.#vmm.threadId(vcpu) }));
  }

  get peakMemoryKib(): number {
    return 0;
  }

  async pause(): Promise<void> {
    await this.#vmm.pause(PAUSE_DEADLINE_MS);
  }

  resume(): Promise<void> {
    this.#vmm.resume();
    return Promise.resolve();
  }

  registers(): Promise<CpuRegisters[]> {
    return Promise.resolve(
      Array.from({ length: this.#vmm.info().vcpus }, (_, vcpu) => {
        const { rip, rsp, rbp, cr3 } = this.#vmm.registers(vcpu);
        return { rip: BigInt(rip), rsp: BigInt(rsp), rbp: BigInt(rbp), cr3: BigInt(cr3) };
      }),
    );
  }

  /** Asks for the end without waiting for it. */
  kill(): void {
    this.#vmm.stop();
  }

  async stop(): Promise<void> {
    this.#vmm.stop();
    await Promise.race([this.exited, new Promise((resolve) => setTimeout(resolve, STOP_DEADLINE_MS).unref())]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    await this.#disposed;
  }

  async #dispose(): Promise<void> {
    this.#vmm.stop();
    await this.exited;
    await this.#vmm.destroy();
    for (const stream of [this.console, this.early, this.port]) stream[Symbol.dispose]();
  }

  #settle(outcome: VmmOutcome): MachineExit {
    for (const stream of [this.console, this.early, this.port]) stream.drain();
    const overLimit = this.#overLimit();
    if (overLimit !== undefined) return { kind: 'failed', exitCode: null, stderr: overLimit };
    return kvmExit(outcome, () => this.#vmm.registers(outcome.vcpu));
  }
}

async function createVmm(config: MachineConfig, lines: Lines): Promise<Vmm> {
  const opened: number[] = [];
  const open = (path: string): number => {
    opened.push(openSync(path, 'r'));
    return opened.at(-1) ?? -1;
  };
  try {
    const { numaNodes, llcs, cores, threads } = config.topology;
    return await Vmm.create(
      {
        ...VMM_DEFAULTS,
        memory_bytes: config.memoryMib * MIB,
        ...{ numa_nodes: numaNodes, llcs, cores, threads, apic_llc_bits: config.apicLlcBits ?? 0 },
        image: VMM_IMAGE.linux,
        kernel_fd: open(config.kernelImage),
        initrd_fd: open(config.initrd),
        com1_fd: lines.console.writeFd,
        com2_fd: lines.early.writeFd,
        port_fd: lines.port.writeFd,
      },
      config.cmdline,
      config.topology.memory?.map(toNode),
    );
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

function toNode({ memoryMib, latencyNs, bandwidthMbps, cacheMib }: NodeMemory): VmmNode {
  return {
    ...{ memory_bytes: memoryMib * MIB, cache_bytes: cacheMib * MIB },
    ...{ latency_ns: latencyNs, bandwidth_mbps: bandwidthMbps },
  };
}

function startError(cause: unknown): HarnessError {
  const reason = isHarnessError(cause) || cause instanceof Error ? cause.message : String(cause);
  return new HarnessError(
    'machine-start',
    { machine: 'kvm', reason, remedy: 'See what the host offers with: npx ktstr doctor' },
    { cause },
  );
}
