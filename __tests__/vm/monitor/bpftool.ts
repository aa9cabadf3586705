import { placedNeeds } from '../../../setup/packages';

/** Where it is on the host; a guest of such a test has it in its includeFiles. */
export function bpftoolPath(): string {
  const machine = { path: process.env.PATH ?? '', root: '/' };
  const place = placedNeeds(machine).find(({ need }) => need.what === 'bpftool')?.place;
  if (place === undefined) throw new Error('there is no bpftool; run: npm run setup');
  return place;
}

/** For the body of a test: runs a program, or bpftool, which answers in JSON. */
export const RUN = `
  const run = (program, args, input) => {
    const { status, stdout, stderr } = childProcess.spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 2 ** 24 });
    if (status !== 0) throw new Error([program, ...args, stdout, stderr].join(' '));
    return stdout;
  };
  const bpftool = (...args) => JSON.parse(run('bpftool', ['-j', ...args]));
`;

type Hex = readonly string[];

/** Of `bpftool map show`. */
export interface ShownMap {
  id: number;
  name: string;
  /** A number when this bpftool is older than the type. */
  type: string | number;
  flags: number;
  bytes_key: number;
  bytes_value: number;
  max_entries: number;
}

/** Of `bpftool prog show`. */
export interface ShownProgram {
  id: number;
  name: string;
  type: string;
  tag: string;
  bytes_jited: number;
  run_cnt?: number;
  run_time_ns?: number;
}

/** Of `bpftool map dump`; `formatted` is as the BTF of the map says. */
export interface DumpedEntry {
  key: Hex;
  value?: Hex;
  values?: readonly { cpu: number; value: Hex }[];
  formatted?: { key?: unknown; value?: unknown; values?: readonly { cpu: number; value: unknown }[] };
}

/** Numbers that bpftool of Debian 12 has no name for. */
export const NEWER_TYPES: Readonly<Record<number, string>> = { 33: 'arena' };

/** Bytes as bpftool writes them. */
export function hex(bytes: Uint8Array): string[] {
  return [...bytes].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`);
}
