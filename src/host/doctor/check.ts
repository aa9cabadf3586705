/** What a check matters for; the demo is the example project on the emulated machine. */
export const PURPOSES = {
  demo: 'Tests on the emulated and the deterministic machine',
  kvm: 'Tests on the KVM machine',
  'kernel-fetch': "The distribution's kernel: ktstr kernel fetch",
  'kernel-build': 'A kernel from source: ktstr kernel build',
  'sched-ext': 'Schedulers on sched_ext',
  clone: 'Work on ktstr itself',
  host: 'This host',
} as const;
export type Purpose = keyof typeof PURPOSES;

/** A value that a program can use without reading `found`. */
export type Fact = string | number | boolean | null | readonly string[];

export interface Check {
  /** Kebab-case, or the name of a program; unique and stable. */
  name: string;
  /** `missing`: not there, or of no use as it is. `warn`: it is there, and something about it is worth a change. */
  status: 'ok' | 'warn' | 'missing';
  neededFor: Purpose;
  /** One line about what there is. */
  found: string;
  /** A command to run or a thing to do; null when `status` is ok. */
  remedy: string | null;
  facts: Readonly<Record<string, Fact>>;
}

/** What a check came to, without its name and purpose. */
export type Judgement = Omit<Check, 'name' | 'neededFor'>;

export function ok(found: string, facts: Check['facts'] = {}): Judgement {
  return { status: 'ok', found, remedy: null, facts };
}

export function warn(found: string, remedy: string, facts: Check['facts'] = {}): Judgement {
  return { status: 'warn', found, remedy, facts };
}

export function missing(found: string, remedy: string, facts: Check['facts'] = {}): Judgement {
  return { status: 'missing', found, remedy, facts };
}

export function check(name: string, neededFor: Purpose, judgement: Judgement): Check {
  const { status, found, remedy, facts } = judgement;
  return { name, status, neededFor, found, remedy, facts };
}
