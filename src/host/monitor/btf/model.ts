import type { BtfKind } from './wire';

/** A type; `id` is its own, every other `type` is the id of another one. A name is empty where C has none. */
export type BtfType =
  | { kind: 'void'; id: number }
  | IntType
  | { kind: 'ptr' | 'volatile' | 'const' | 'restrict'; id: number; type: number }
  | { kind: 'typedef' | 'type_tag'; id: number; name: string; type: number }
  | ArrayType
  | StructType
  | EnumType
  | { kind: 'fwd'; id: number; name: string; of: 'struct' | 'union' }
  | { kind: 'func'; id: number; name: string; type: number; linkage: Linkage }
  | FuncProtoType
  | { kind: 'var'; id: number; name: string; type: number; linkage: Linkage }
  | DatasecType
  | { kind: 'float'; id: number; name: string; sizeBytes: number }
  | DeclTagType;

/** A type of one of these kinds. */
export type TypeOf<K extends BtfKind> = OfKind<BtfType, K>;
type OfKind<T extends BtfType, K extends BtfKind> = T extends BtfType
  ? Extract<T['kind'], K> extends never
    ? never
    : T & { kind: K }
  : never;

export interface IntType {
  kind: 'int';
  id: number;
  name: string;
  sizeBytes: number;
  /** Fewer than `sizeBytes` has only in the bitfields of old compilers, which then start at `bitOffset`. */
  bits: number;
  bitOffset: number;
  isSigned: boolean;
  encoding: 'number' | 'char' | 'bool';
}

export interface ArrayType {
  kind: 'array';
  id: number;
  type: number;
  indexType: number;
  /** 0 for one without a declared length. */
  length: number;
}

export interface StructType {
  kind: 'struct' | 'union';
  id: number;
  name: string;
  sizeBytes: number;
  members: readonly BtfMember[];
}

export interface BtfMember {
  name: string;
  type: number;
  /** From the start of the struct. */
  bitOffset: number;
  /** Null for a member that is no bitfield. */
  bitSize: number | null;
}

export interface EnumType {
  kind: 'enum' | 'enum64';
  id: number;
  name: string;
  sizeBytes: number;
  isSigned: boolean;
  values: readonly { name: string; value: bigint }[];
}

export interface FuncProtoType {
  kind: 'func_proto';
  id: number;
  /** 0 for one that returns nothing. */
  returnType: number;
  parameters: readonly { name: string; type: number }[];
  isVariadic: boolean;
}

export interface DatasecType {
  kind: 'datasec';
  id: number;
  name: string;
  sizeBytes: number;
  /** `type` is the id of a `var`. */
  variables: readonly { type: number; offset: number; sizeBytes: number }[];
}

export interface DeclTagType {
  kind: 'decl_tag';
  id: number;
  /** The text of the tag. */
  name: string;
  type: number;
  /** Which member or parameter is tagged; -1 for the type itself. */
  component: number;
}

export type Linkage = 'static' | 'global' | 'extern';
