import { HarnessError } from '../../../errors';
import type { BpfMapWrite } from '../../../verdict/monitor/bpf-settings';
import { encodeValue } from '../btf/encode-value';
import type { Kernel } from '../kernel/kernel';
import type { PreparedWrite } from '../kernel/kernel-object';
import { arrayBySuffix, objectsAt } from './bpf-place';
import type { BpfMap } from './bpf-map';
import { maps } from './maps';
import { plainType } from './plain-type';

/**
 * Writes values into the BPF memory of a guest, which may run meanwhile: all of them, or none.
 * @throws HarnessError `bpf-unknown`, `bpf-map-type`, `btf-unknown`, `value-refused`, `guest-memory`
 */
export function writeBpf(kernel: Kernel, writes: readonly BpfMapWrite[]): void {
  const all = maps(kernel);
  const prepared = writes.map((write) => prepare(all, write));
  // Reading what is there refuses what is not mapped.
  for (const { address, data } of prepared) kernel.memory.read(address, data.length);
  for (const { address, data } of prepared) kernel.memory.write(address, data);
}

function prepare(all: readonly BpfMap[], write: BpfMapWrite): PreparedWrite {
  if ('offset' in write) return prepareBytes(all, write);
  const objects = objectsAt(all, write);
  const [object] = objects;
  if (object !== undefined && objects.length === 1) return object.prepare(write.value);
  const place = 'map' in write ? `${write.map} ${write.field}` : write.variable;
  const problem = 'it has one for each CPU; name one behind the key, as in [0][3]';
  throw new HarnessError('value-refused', { value: String(write.value), type: place, problem });
}

function prepareBytes(
  all: readonly BpfMap[],
  { map: suffix, offset, bytes, value }: Extract<BpfMapWrite, { offset: number }>,
): PreparedWrite {
  const map = arrayBySuffix(all, suffix, 'write bytes');
  const area = map.area();
  const refused = (problem: string): HarnessError =>
    new HarnessError('value-refused', { value: String(value), type: `bytes of ${map.name}`, problem });
  if (area.readOnly !== null) throw refused(area.readOnly);
  if (offset + bytes > area.bytes)
    throw refused(`${bytes} bytes at ${offset} are beyond its values, which have ${area.bytes}`);
  return { address: area.address + BigInt(offset), data: encodeValue(value, plainType(bytes)) };
}
