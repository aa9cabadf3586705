/** An unsigned little-endian number of up to 16 bytes. */
export function readInteger(bytes: Buffer, at: number, sizeBytes: number): bigint {
  if (sizeBytes === 8) return bytes.readBigUInt64LE(at);
  if (sizeBytes > 0 && sizeBytes <= 6) return BigInt(bytes.readUIntLE(at, sizeBytes));
  let value = 0n;
  for (let index = sizeBytes - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index] ?? 0);
  return value;
}

/** The bits from bit `atBit` on, where bit 0 is the lowest of the first byte. */
export function readBits(bytes: Buffer, atBit: number, bits: number): bigint {
  const at = Math.floor(atBit / 8);
  const shift = atBit % 8;
  const value = readInteger(bytes, at, Math.ceil((shift + bits) / 8));
  return BigInt.asUintN(bits, value >> BigInt(shift));
}
