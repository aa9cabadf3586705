/**
 * Guest-physical memory, open to reads and writes while the machine runs. Bounds-checked: a range that is not RAM from end to end throws a
 * RangeError. Nothing is promised of a range that the guest writes at the same time.
 */
export interface GuestMemory {
  readonly sizeBytes: number;
  /** Where RAM is, ascending, with no range touching the next. `gpa` is its first address. */
  readonly ranges: readonly { gpa: number; bytes: number }[];
  read(gpa: number, length: number): Buffer;
  write(gpa: number, data: Buffer): void;
}

/** Whether a range lies in RAM. */
export function isRam(ranges: GuestMemory['ranges'], gpa: number, length: number): boolean {
  if (!Number.isSafeInteger(gpa) || !Number.isSafeInteger(length) || length < 0) return false;
  return ranges.some((range) => gpa >= range.gpa && gpa + length <= range.gpa + range.bytes);
}

/** What to throw for a range outside of RAM. */
export function outsideRam(
  action: string,
  ranges: GuestMemory['ranges'],
  at: { gpa: number; length: number },
): RangeError {
  const hex = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`);
  const ram = ranges.map(({ gpa, bytes }) => `[${hex(gpa)}, ${hex(gpa + bytes)})`).join(' and ');
  return new RangeError(`${action} guest memory: [${hex(at.gpa)}, +${at.length}) is outside RAM, which is ${ram}`);
}
