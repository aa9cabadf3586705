/** Field types of the structures in native/abi; a string is an array of characters of that size. */
export type FieldType = 'uint64_t' | 'int64_t' | 'uint32_t' | 'int32_t' | { chars: number } | { int64s: number };
export type Fields = Readonly<Record<string, FieldType>>;
/** The structures of a header of native/abi by name, their fields in order. */
export type Structures = Readonly<Record<string, Fields>>;

/** koffi gives 64-bit values as numbers where they fit. */
type ValueOf<T> = T extends { chars: number }
  ? string
  : T extends { int64s: number }
    ? readonly bigint[]
    : T extends 'uint64_t' | 'int64_t'
      ? number | bigint
      : number;
export type StructureOf<F> = { -readonly [K in keyof F]: ValueOf<F[K]> };

/** One line of an account of structures. */
export interface LayoutLine {
  structure: string;
  field: string;
  offset: number;
  size: number;
}

export interface StructureLayout {
  bytes: number;
  /** In order. */
  fields: { name: string; type: FieldType; offset: number; size: number }[];
}

/** Where a C compiler for x86-64 has the fields. */
export function structureLayout(fields: Fields): StructureLayout {
  let end = 0;
  let alignment = 1;
  const placed = Object.entries(fields).map(([name, type]) => {
    const { size, align } = extentOf(type);
    const offset = alignUp(end, align);
    end = offset + size;
    alignment = Math.max(alignment, align);
    return { name, type, offset, size };
  });
  return { bytes: alignUp(end, alignment), fields: placed };
}

export function layoutLines(structures: Structures): LayoutLine[] {
  return Object.entries(structures).flatMap(([structure, fields]) =>
    structureLayout(fields).fields.map(({ name, offset, size }) => ({ structure, field: name, offset, size })),
  );
}

/** The first field on which the two accounts differ, in words; null when they agree. */
export function layoutDifference(library: readonly LayoutLine[], ours: readonly LayoutLine[]): string | null {
  const nameOf = ({ structure, field }: LayoutLine): string => `${structure}.${field}`;
  const unknown = library.find((line) => !ours.some((own) => nameOf(own) === nameOf(line)));
  if (unknown) return `${nameOf(unknown)} is in the library only`;
  for (const own of ours) {
    const theirs = library.find((line) => nameOf(line) === nameOf(own));
    if (theirs === undefined) return `${nameOf(own)} is not in the library`;
    if (theirs.offset !== own.offset || theirs.size !== own.size)
      return `${nameOf(own)} is at ${own.offset} with ${own.size} bytes here, at ${theirs.offset} with ${theirs.size} in the library`;
  }
  return null;
}

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

function extentOf(type: FieldType): { size: number; align: number } {
  if (typeof type !== 'string')
    return 'chars' in type ? { size: type.chars, align: 1 } : { size: type.int64s * 8, align: 8 };
  const size = type === 'uint64_t' || type === 'int64_t' ? 8 : 4;
  return { size, align: size };
}
