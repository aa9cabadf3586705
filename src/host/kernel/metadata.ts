/** What `metadata.json` of a stored kernel holds; paths are relative to its folder. */
export interface KernelMetadata {
  /** Name of the entry and of its folder. */
  key: string;
  release: string;
  arch: 'x86_64';
  image: string;
  /** With symbols and BTF, without debug information; null for a kernel that came without. */
  vmlinux: string | null;
  /** Where it came from, e.g. `debian linux-image-6.12.1-cloud-amd64-unsigned 6.12.1-1`. */
  source: string;
  /** When it was built, or fetched: ISO 8601, UTC. */
  builtAt: string;
  /** SHA-256 of the options, hexadecimal; empty when the configuration is not known. */
  configHash: string;
  schedExt: boolean;
  btf: boolean;
  /** Whether the kernel counts sched_ext events. */
  events: boolean;
  /** In load order. */
  modules: string[];
  /** Modules that a guest may need and that this kernel does not have. */
  absent: string[];
  /** Names of the example schedulers of the kernel tree under `schedulers/`. */
  schedulers: string[];
  /** Bytes of every other file of the entry. */
  sizes: Record<string, number>;
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value !== '';
const anyText: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const sizes: Check = (value) =>
  typeof value === 'object' && value !== null && Object.values(value).every((size) => typeof size === 'number');

const FIELDS: { [Field in keyof KernelMetadata]: Check } = {
  key: text,
  release: text,
  arch: (value) => value === 'x86_64',
  image: text,
  vmlinux: (value) => value === null || text(value),
  source: text,
  builtAt: text,
  configHash: anyText,
  schedExt: flag,
  btf: flag,
  events: flag,
  modules: texts,
  absent: texts,
  schedulers: texts,
  sizes,
};

/** The fields that are missing or of another type than this version writes; none when it is complete. */
export function wrongFields(value: unknown): string[] {
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return Object.entries(FIELDS).flatMap(([field, isRight]) => (isRight(given[field]) ? [] : [field]));
}
