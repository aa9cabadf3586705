import { spawnSync } from 'node:child_process';

/** A struct as pahole prints it. */
export interface PaholeStruct {
  name: string;
  sizeBytes: number;
  members: PaholeMember[];
}

export interface PaholeMember {
  /** Through named structs that are declared within the struct, e.g. `tlb.pages`. */
  path: string;
  /** From the start of the outermost struct. */
  bitOffset: number;
  bitSize: number | null;
  /** Of a bitfield that of its type. */
  sizeBytes: number;
}

const PAHOLE_DEADLINE_MS = 60_000;
const MAX_OUTPUT_BYTES = 256 * 2 ** 20;

/** All structs with a name, as pahole reads them from a file of BTF; `base`: the file of the kernel that a module belongs to. */
export function paholeStructs(file: string, base?: string): PaholeStruct[] {
  const args = [...(base === undefined ? [] : [`--btf_base=${base}`]), '-F', 'btf', file];
  const { status, stdout, stderr } = spawnSync('pahole', args, {
    encoding: 'utf8',
    timeout: PAHOLE_DEADLINE_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (status !== 0) throw new Error(`pahole ${args.join(' ')}: status ${status}: ${stderr}`);
  return stdout.split(/^}.*;.*\n/m).flatMap((text) => parseStruct(text) ?? []);
}

function parseStruct(text: string): PaholeStruct | undefined {
  const [, name] = /^struct (\w+) \{$/m.exec(text) ?? [];
  // Structs within it have a size of their own, further up.
  const size = [...text.matchAll(/\/\* size: (\d+),/g)].at(-1)?.[1];
  if (name === undefined || size === undefined) return undefined;
  return { name, sizeBytes: Number(size), members: parseMembers(text.slice(text.indexOf('{')).split('\n').slice(1)) };
}

/** Lines such as `u32 nr:3; /* 16: 4  4 *\/` and, at the end of a struct within the struct, `} tlb; /* 32 16 *\/`. */
function parseMembers(lines: readonly string[]): PaholeMember[] {
  const groups: PaholeMember[][] = [[]];
  for (const line of lines) {
    if (line.endsWith('{')) groups.push([]);
    const parsed = parseLine(line);
    if (!parsed) continue;
    const { path, elements, isGroup, isPointer, ...place } = parsed;
    const group = isGroup ? (groups.pop() ?? []) : [];
    // What a pointer leads to lies elsewhere.
    const inner = isPointer ? [] : group;
    const prefix = path === '' ? '' : `${path}${elements}.`;
    const own = path === '' ? [] : [{ path, ...place }];
    groups.at(-1)?.push(...own, ...inner.map((member) => ({ ...member, path: `${prefix}${member.path}` })));
  }
  return groups.flat();
}

const LINE =
  /^\s*(?<close>\})?\s*(?<declaration>[^{}]*);\s*\/\*\s*(?<at>\d+)(?::\s*(?<bit>\d+))?\s+(?<size>\d+)\s*\*\/$/;

interface ParsedLine extends PaholeMember {
  /** Whether it ends the struct of a member. */
  isGroup: boolean;
  isPointer: boolean;
  /** Leads to the first element of an array, e.g. `[0][0]`. */
  elements: string;
}

function parseLine(line: string): ParsedLine | undefined {
  const groups = LINE.exec(line)?.groups;
  if (!groups) return undefined;
  const { close, declaration = '', at, bit, size } = groups;
  const plain = declaration.replaceAll(/__attribute__\(\(.*\)\)/g, '').trim();
  const [, pointer] = /\(\*+\s*(?:const )?(\w+)(?:\[\d*\])*\)/.exec(plain) ?? [];
  const [, name = '', dimensions = '', width] = /(\w*)((?:\[\d*\])*)(?::(\d+))?$/.exec(plain) ?? [];
  return {
    path: pointer ?? name,
    elements: dimensions.replaceAll(/\[\d*\]/g, '[0]'),
    isGroup: close !== undefined,
    isPointer: plain.startsWith('*'),
    bitOffset: Number(at) * 8 + Number(bit ?? 0),
    bitSize: width === undefined ? null : Number(width),
    sizeBytes: Number(size),
  };
}
