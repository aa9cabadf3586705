/**
 * CRC-32 is a polynomial remainder over GF(2), so appending n bytes to data multiplies its CRC by x^(8n) and adds the CRC of the
 * appended bytes. With the CRC of a stream kept up to two points, this gives the CRC of what lies between them without reading it
 * again. Polynomials are 32-bit words in the reflected order of IEEE 802.3: the highest bit is the coefficient of x^0.
 */
const POLYNOMIAL = 0xedb88320;
const X_TO_THE_8 = 0x00800000;

/** x^(8 * 2^k) for each bit k of a byte count. */
const SHIFT_BY_BIT: number[] = [];
for (let shift = X_TO_THE_8; SHIFT_BY_BIT.length < 32; shift = multiply(shift, shift)) SHIFT_BY_BIT.push(shift);

/** The CRC-32 of (data + n bytes) is `shiftCrc(crc of data, n) ^ crc of the n bytes`; n is below 2^32. */
export function shiftCrc(crc: number, byteCount: number): number {
  let shifted = crc;
  let rest = byteCount;
  for (const shift of SHIFT_BY_BIT) {
    if (rest === 0 || shifted === 0) break;
    if ((rest & 1) !== 0) shifted = multiply(shift, shifted);
    rest >>>= 1;
  }
  return shifted;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let term = b;
  for (let rest = a | 0; rest !== 0; rest <<= 1) {
    if (rest < 0) product ^= term;
    term = (term & 1) !== 0 ? (term >>> 1) ^ POLYNOMIAL : term >>> 1;
  }
  return product >>> 0;
}
