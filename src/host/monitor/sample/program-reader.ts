import type { ProgramSample } from '../../../verdict/monitor/sample';
import { LoadedBtf } from '../bpf/loaded-btf';
import { perCpuAddresses } from '../bpf/map-element';
import { programFacts, programObjects } from '../bpf/programs';
import { StructBytes } from '../btf/struct-bytes';
import type { Kernel } from '../kernel/kernel';
import type { KernelObject } from '../kernel/kernel-object';

/** A program as far as it stays the same. */
interface Known {
  address: bigint;
  name: string;
  verifiedInsns: number;
}

/** What schedulers are made of. */
const TYPE = 'BPF_PROG_TYPE_STRUCT_OPS';

/** Reads how often the programs of schedulers ran. What a program is called is found out once. */
export class ProgramReader {
  readonly #kernel: Kernel;
  readonly #stats: StructBytes;
  readonly #type: bigint | undefined;
  #known = new Map<number, Known>();

  /** @throws HarnessError `btf-unknown` */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#stats = new StructBytes(kernel.btf, 'bpf_prog_stats');
    this.#type = new Map(kernel.btf.enumValues('bpf_prog_type')).get(TYPE);
  }

  /** @throws HarnessError `guest-memory`, `decode`, `btf-unknown` */
  read(): ProgramSample[] {
    const known = new Map<number, Known>();
    const samples: ProgramSample[] = [];
    for (const { id, object } of programObjects(this.#kernel)) {
      if (object.get('type').big() !== this.#type) continue;
      const program = this.#factsOf(id, object);
      known.set(id, program);
      const { name, verifiedInsns } = program;
      samples.push({ id, name, ...this.#counters(object.get('stats').big()), verifiedInsns });
    }
    this.#known = known;
    return samples;
  }

  #factsOf(id: number, object: KernelObject): Known {
    const known = this.#known.get(id);
    if (known !== undefined && known.address === object.address) return known;
    const { name, verifiedInsns } = programFacts(this.#kernel, object, new LoadedBtf(this.#kernel));
    return { address: object.address, name, verifiedInsns };
  }

  #counters(perCpu: bigint): Pick<ProgramSample, 'runCount' | 'runNs'> {
    const { sizeBytes } = this.#stats;
    const copies = perCpuAddresses(this.#kernel, perCpu).map((at) => this.#kernel.memory.read(at, sizeBytes));
    // Each is a u64 within structs of its own.
    const sum = (path: string): bigint => copies.reduce((total, copy) => total + this.#stats.big(copy, path), 0n);
    return { runCount: sum('cnt'), runNs: sum('nsecs') };
  }
}
