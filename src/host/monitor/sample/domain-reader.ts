import type { BalanceStats, DomainSample, DomainStats } from '../../../verdict/monitor/sample';
import { member } from '../btf/layout';
import { StructBytes } from '../btf/struct-bytes';
import type { Kernel } from '../kernel/kernel';

/** SMT siblings, a cluster, a package, and levels of NUMA. Chosen: more than any machine has. */
const MAX_LEVELS = 8;
const NAME_BYTES = 32;

/** Reads the scheduling domains of CPUs, with their counters of load balancing. */
export class DomainReader {
  readonly #kernel: Kernel;
  readonly #domain: StructBytes;
  readonly #idleTypes: number;
  /** By address: the kernel has a name for each level. */
  readonly #names = new Map<bigint, string>();

  /** Null for a kernel that does not count. @throws HarnessError `btf-unknown` */
  static of(kernel: Kernel): DomainReader | null {
    const reader = new DomainReader(kernel);
    return reader.#domain.has('lb_count') ? reader : null;
  }

  private constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#domain = new StructBytes(kernel.btf, 'sched_domain');
    this.#idleTypes = this.#domain.has('lb_count') ? member(kernel.btf, 'sched_domain', 'lb_count').sizeBytes / 4 : 0;
  }

  /** Whether the kernel counts now: the sysctl kernel.sched_schedstats, a static key. */
  get isOn(): boolean {
    const key = this.#kernel.symbols.find('sched_schedstats');
    return key !== undefined && this.#kernel.memory.readU32(key) !== 0;
  }

  /** From the smallest to the largest. @throws HarnessError `guest-memory` */
  ofCpu(cpu: number): DomainSample[] {
    const { memory, symbols, btf } = this.#kernel;
    const rq = symbols.need('runqueues') + this.#kernel.perCpuBase(cpu);
    const domains: DomainSample[] = [];
    let at = memory.readU64(rq + BigInt(member(btf, 'rq', 'sd').offsetBytes));
    while (at !== 0n && domains.length < MAX_LEVELS) {
      const bytes = memory.read(at, this.#domain.sizeBytes);
      domains.push(this.#sample(bytes));
      at = this.#domain.big(bytes, 'parent');
    }
    return domains;
  }

  #sample(bytes: Buffer): DomainSample {
    const number = (path: string): number => this.#domain.number(bytes, path);
    return {
      level: number('level'),
      name: this.#nameAt(this.#domain.big(bytes, 'name')),
      flags: number('flags'),
      spanWeight: number('span_weight'),
      balanceInterval: number('balance_interval'),
      nrBalanceFailed: number('nr_balance_failed'),
      maxNewidleLbCostNs: this.#domain.big(bytes, 'max_newidle_lb_cost'),
      newidle: this.#newidle(bytes),
      stats: this.#stats(bytes),
    };
  }

  #newidle(bytes: Buffer): DomainSample['newidle'] {
    const [call, success, ratio] = ['call', 'success', 'ratio'].map((name) =>
      this.#domain.optional(bytes, `newidle_${name}`),
    );
    if (typeof call !== 'number' || typeof success !== 'number' || typeof ratio !== 'number') return null;
    return { call, success, ratio };
  }

  #stats(bytes: Buffer): DomainStats {
    const number = (path: string): number => this.#domain.number(bytes, path);
    const passive = (name: string): DomainStats['sbe'] => ({
      count: number(`${name}_count`),
      balanced: number(`${name}_balanced`),
      pushed: number(`${name}_pushed`),
    });
    return {
      balance: Array.from({ length: this.#idleTypes }, (_, idle) => this.#balance(bytes, idle)),
      alb: { count: number('alb_count'), failed: number('alb_failed'), pushed: number('alb_pushed') },
      sbe: passive('sbe'),
      sbf: passive('sbf'),
      ttwuWakeRemote: number('ttwu_wake_remote'),
      ttwuMoveAffine: number('ttwu_move_affine'),
      ttwuMoveBalance: number('ttwu_move_balance'),
    };
  }

  #balance(bytes: Buffer, idle: number): BalanceStats {
    const number = (name: string): number => this.#domain.number(bytes, `lb_${name}[${idle}]`);
    const optional = (name: string): number | null => this.#domain.optional(bytes, `lb_${name}[${idle}]`);
    return {
      count: number('count'),
      failed: number('failed'),
      balanced: number('balanced'),
      imbalance: optional('imbalance'),
      imbalanceLoad: optional('imbalance_load'),
      imbalanceUtil: optional('imbalance_util'),
      imbalanceTask: optional('imbalance_task'),
      imbalanceMisfit: optional('imbalance_misfit'),
      gained: number('gained'),
      hotGained: number('hot_gained'),
      nobusyg: number('nobusyg'),
      nobusyq: number('nobusyq'),
    };
  }

  #nameAt(address: bigint): string {
    const known = this.#names.get(address);
    if (known !== undefined) return known;
    const name = this.#kernel.memory.readText(address, NAME_BYTES);
    if (this.#names.size < MAX_LEVELS) this.#names.set(address, name);
    return name;
  }
}
