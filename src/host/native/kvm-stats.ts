import { readSync } from 'node:fs';

/** Several values are a histogram. Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD. */
export type KvmStats = Map<string, readonly bigint[]>;

/** `struct kvm_stats_header` of linux/kvm.h. */
const HEADER = { bytes: 24, nameSize: 4, count: 8, descriptors: 16, data: 20 } as const;
/** `struct kvm_stats_desc`, which the name follows. */
const DESCRIPTOR = { bytes: 16, size: 6, offset: 8 } as const;
const VALUE_BYTES = 8;
/** Larger than any block of statistics; a file that says more than that is none. */
const LIMIT_BYTES = 1024 * 1024;

/** What KVM counts now, by its own names. */
export function readKvmStats(fd: number): KvmStats {
  const header = readAt(fd, 0, HEADER.bytes);
  const nameSize = header.readUInt32LE(HEADER.nameSize);
  const count = header.readUInt32LE(HEADER.count);
  const descriptors = readAt(fd, header.readUInt32LE(HEADER.descriptors), count * (DESCRIPTOR.bytes + nameSize));
  const start = header.readUInt32LE(HEADER.data);
  const all = Array.from({ length: count }, (_, index) => {
    const descriptor = descriptors.subarray(index * (DESCRIPTOR.bytes + nameSize));
    const name = descriptor.subarray(DESCRIPTOR.bytes, DESCRIPTOR.bytes + nameSize);
    return {
      name: name.subarray(0, name.indexOf(0)).toString('latin1'),
      offset: descriptor.readUInt32LE(DESCRIPTOR.offset),
      size: descriptor.readUInt16LE(DESCRIPTOR.size),
    };
  });
  const data = readAt(fd, start, Math.max(0, ...all.map(({ offset, size }) => offset + size * VALUE_BYTES)));
  return new Map(
    all.map(({ name, offset, size }) => [
      name,
      Array.from({ length: size }, (_, index) => data.readBigUInt64LE(offset + index * VALUE_BYTES)),
    ]),
  );
}

function readAt(fd: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(Math.min(bytes, LIMIT_BYTES));
  const got = readSync(fd, buffer, 0, buffer.length, position);
  if (got !== bytes) throw new RangeError(`read KVM's statistics: ${got} bytes at ${position}, not ${bytes}`);
  return buffer;
}
