import { HarnessError } from '../../../errors';
import type { Btf } from './btf';
import type { ArrayType, EnumType, IntType } from './model';
import { typeName } from './type-name';

/** What a value can be written from. Bytes fit every type of their length. */
export type Writable = Scalar | Uint8Array;
type Scalar = number | bigint | boolean | string;

interface Target {
  btf: Btf;
  /** The id of the type. */
  type: number;
}

/**
 * The bytes of a value of any type that is no struct: those are written member by member.
 * @throws HarnessError `value-refused` for a value that the type does not hold
 */
export function encodeValue(value: Writable, { btf, type: id }: Target): Buffer {
  const name = typeName(btf, id);
  if (value instanceof Uint8Array) return exactly(value, btf.sizeOf(id), name);
  const type = btf.resolve(id);
  switch (type.kind) {
    case 'int':
      return encodeInt(value, type, name);
    case 'enum':
    case 'enum64':
      return encodeEnum(value, type, name);
    case 'float':
      return encodeFloat(value, type.sizeBytes, name);
    case 'array':
      return encodeText(value, { btf, type }, name);
    case 'ptr':
      throw refused(value, name, 'a pointer of the guest is no business of the host');
    default:
      throw refused(value, name, 'it has parts; write those, or bytes');
  }
}

function encodeInt(value: Scalar, type: IntType, name: string): Buffer {
  if (type.encoding === 'bool') return encodeBool(value, type, name);
  const isChar = type.sizeBytes === 1 && typeof value === 'string' && Buffer.byteLength(value) === 1;
  if (isChar) return Buffer.from(value);
  return encodeNumber(value, type, name);
}

function encodeBool(value: Scalar, { sizeBytes }: IntType, name: string): Buffer {
  if (typeof value !== 'boolean') throw refused(value, name, 'allowed is true or false');
  return littleEndian(value ? 1n : 0n, sizeBytes);
}

function encodeEnum(value: Scalar, type: EnumType, name: string): Buffer {
  if (typeof value !== 'string') return encodeNumber(value, type, name);
  const named = type.values.find((entry) => entry.name === value);
  if (named) return littleEndian(named.value, type.sizeBytes);
  throw refused(value, name, `allowed is ${type.values.map((entry) => entry.name).join(', ')}`);
}

function encodeNumber(value: Scalar, { sizeBytes, isSigned }: IntType | EnumType, name: string): Buffer {
  const bits = BigInt(sizeBytes * 8);
  const [min, max] = isSigned ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  // A number beyond 2^53 may have been rounded on the way here.
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  if (!isWhole || BigInt(value) < min || BigInt(value) > max)
    throw refused(value, name, `allowed is a whole number from ${min} to ${max}`);
  return littleEndian(BigInt(value), sizeBytes);
}

function encodeFloat(value: Scalar, sizeBytes: number, name: string): Buffer {
  if (typeof value !== 'number') throw refused(value, name, 'allowed is a number');
  const bytes = Buffer.alloc(sizeBytes);
  if (sizeBytes === 4) bytes.writeFloatLE(value);
  else if (sizeBytes === 8) bytes.writeDoubleLE(value);
  else throw refused(value, name, `a floating-point number of ${sizeBytes} bytes can only be given as bytes`);
  return bytes;
}

function encodeText(value: Scalar, { btf, type }: { btf: Btf; type: ArrayType }, name: string): Buffer {
  const element = btf.resolve(type.type);
  const isText = element.kind === 'int' && element.sizeBytes === 1 && element.encoding !== 'bool';
  if (!isText) throw refused(value, name, 'it has parts; write those, or bytes');
  const text = typeof value === 'string' ? Buffer.from(value) : undefined;
  if (text === undefined || text.length >= type.length)
    throw refused(value, name, `allowed is a text of at most ${type.length - 1} bytes`);
  return Buffer.concat([text, Buffer.alloc(type.length - text.length)]);
}

function exactly(bytes: Uint8Array, wanted: number, name: string): Buffer {
  if (bytes.length === wanted) return Buffer.from(bytes);
  throw new HarnessError('value-refused', { value: `${bytes.length} bytes`, type: name, problem: `it has ${wanted}` });
}

function littleEndian(value: bigint, sizeBytes: number): Buffer {
  return Buffer.from(Array.from({ length: sizeBytes }, (_, byte) => Number((value >> BigInt(byte * 8)) & 0xffn)));
}

function refused(value: Scalar, type: string, problem: string): HarnessError {
  return new HarnessError('value-refused', {
    value: typeof value === 'string' ? JSON.stringify(value) : String(value),
    type,
    problem,
  });
}
