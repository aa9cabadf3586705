import { closeSync, openSync } from 'node:fs';

import { FileStream } from '../../../src/host/machine/file-stream';
import { Vmm, type VmmOutcome } from '../../../src/host/native/vmm';
import { VMM_DEFAULTS, VMM_IMAGE, type VmmConfig, type VmmNode } from '../../../src/host/native/vmm-layout';
import { builtProgram } from '../programs';

export const RAW_MEMORY_BYTES = 2 * 1024 * 1024;
const LIMIT_BYTES = 1024 * 1024 * 1024;

/** A machine that runs one of native/guests, without Linux. */
export interface RawGuest extends AsyncDisposable {
  vmm: Vmm;
  com1: FileStream;
  port: FileStream;
  hits: FileStream;
}

export interface RawShape {
  cpus?: number;
  config?: Partial<VmmConfig>;
  nodes?: readonly VmmNode[];
  /** Called with the machine before it starts. */
  prepare?: (vmm: Vmm) => void;
}

export async function startRawGuest(name: string, shape: RawShape = {}): Promise<RawGuest> {
  const code = openSync(builtProgram(`guests/${name}.bin`), 'r');
  const com1 = new FileStream(LIMIT_BYTES, () => undefined);
  const port = new FileStream(LIMIT_BYTES, () => undefined);
  const hits = new FileStream(LIMIT_BYTES, () => undefined);
  const streams = [com1, port, hits];
  let vmm: Vmm | undefined;
  try {
    const none = -1;
    const lines = { com1_fd: com1.writeFd, com2_fd: none, port_fd: port.writeFd, hits_fd: hits.writeFd };
    const topology = { numa_nodes: 1, llcs: 1, cores: shape.cpus ?? 1, threads: 1 };
    const images = { image: VMM_IMAGE.raw, kernel_fd: code, initrd_fd: none };
    const settings = { ...VMM_DEFAULTS, memory_bytes: RAW_MEMORY_BYTES, ...topology, ...images, ...lines };
    const made = (vmm = await Vmm.create({ ...settings, ...shape.config }, '', shape.nodes));
    shape.prepare?.(made);
    made.start();
    return {
      ...{ vmm: made, com1, port, hits },
      async [Symbol.asyncDispose]() {
        await made.destroy();
        for (const stream of streams) stream[Symbol.dispose]();
      },
    };
  } catch (error) {
    await vmm?.destroy();
    for (const stream of streams) stream[Symbol.dispose]();
    throw error;
  } finally {
    closeSync(code);
  }
}

/** Runs a guest to its end. */
export async function endOf(name: string, shape?: RawShape): Promise<VmmOutcome & { com1: string; port: string }> {
  await using guest = await startRawGuest(name, shape);
  const outcome = await guest.vmm.ended;
  guest.com1.drain();
  guest.port.drain();
  return { ...outcome, com1: guest.com1.text(), port: guest.port.text() };
}
