import type { Topology } from '../../spec/topology/topology';
import type { CpuRegisters } from '../monitor/cpu-registers';
import type { GuestMemory } from '../monitor/guest-memory';
import type { RamRange } from '../native/address-space';
import type { ProbeOrders } from '../native/probe-orders';
import type { Probe } from './qemu/probe';

/** Why a machine ended. */
export type MachineExit =
  | { kind: 'poweroff' }
  | { kind: 'reset' }
  | { kind: 'triple-fault'; registers?: string }
  | { kind: 'killed'; signal: string }
  | { kind: 'failed'; exitCode: number | null; stderr: string };

/** A growing record of what the guest wrote to one line. `onData` sees every byte once, in order, with what came before first. */
export interface GuestStream {
  onData(listener: (chunk: Buffer) => void): void;
  /** Everything so far. */
  text(): string;
}

/** Which machine a test runs on, `auto` being settled. */
export type MachineName = 'kvm' | 'emulated' | 'deterministic';

/** A virtual machine from start to end. Disposing of it stops it and gives back all it held. */
export interface Machine extends AsyncDisposable {
  readonly kind: MachineName;
  readonly memory: GuestMemory;
  /** Where guest RAM is on the host. */
  readonly ram: readonly RamRange[];
  /** The host's thread of each vcpu; empty where all share one. */
  readonly vcpuThreads: readonly { pid: number; tid: number }[];
  /** COM1, the kernel console. */
  readonly console: GuestStream;
  /** COM2: stage marks before frames flow, and the last gasp. */
  readonly early: GuestStream;
  /** virtio-console port 1: frames. */
  readonly port: GuestStream;
  /** Resolves once, after every byte of the streams was delivered. Never rejects. */
  readonly exited: Promise<MachineExit>;
  /** Largest resident size of the machine's own process so far, guest pages included, in KiB; 0 when it has none, or is gone unread. */
  readonly peakMemoryKib: number;
  /** There when the configuration asks for one. */
  readonly probe?: Probe | undefined;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Of each vcpu of a paused machine, by number. */
  registers(): Promise<CpuRegisters[]>;
  stop(): Promise<void>;
}

export interface MachineConfig {
  kernelImage: string;
  initrd: string;
  cmdline: string;
  topology: Topology;
  memoryMib: number;
  /** On KVM, how many bits of an APIC id stand below those of the LLC, when that is more than are needed. */
  apicLlcBits?: number;
  /** Looks into an emulated or deterministic machine at an instruction, without a trace in the guest. */
  probe?: ProbeOrders;
}
