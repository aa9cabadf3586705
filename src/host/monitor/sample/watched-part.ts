import type { WatchedValue } from '../../../verdict/monitor/bpf-settings';
import type { WatchedPlace, WatchedWord } from '../bpf/watched-place';
import type { PlanRecord } from '../plan/decode-record';
import type { ReadExpression } from '../plan/read-plan';

type Watched = Readonly<Record<string, WatchedValue>>;
type Reader = (record: PlanRecord) => bigint | null;

const NOTHING: Watched = {};

/** Has a plan read what is watched. What could not be read is left out of a sample. */
export function watchedPart(
  places: readonly WatchedPlace[],
  add: (expression: ReadExpression) => number,
): (record: PlanRecord) => Watched {
  if (places.length === 0) return () => NOTHING;
  const readers = places.map((place) => ({ name: place.name, read: placeReader(place, add) }));
  return (record) => {
    const watched: Record<string, WatchedValue> = {};
    for (const { name, read } of readers) {
      const value = read(record);
      if (value !== null) watched[name] = value;
    }
    return watched;
  };
}

function placeReader(
  place: WatchedPlace,
  add: (expression: ReadExpression) => number,
): (record: PlanRecord) => WatchedValue | null {
  if ('word' in place) return wordReader(place.word, add);
  const words = place.words.map((word) => wordReader(word, add));
  return (record) => {
    const values = words.map((read) => read(record));
    return values.every((value) => value !== null) ? values : null;
  };
}

function wordReader({ address, bytes, isSigned }: WatchedWord, add: (expression: ReadExpression) => number): Reader {
  const at = add({ base: address, length: bytes });
  const bits = bytes * 8;
  return (record) => {
    const raw = record.value(at);
    if (raw === null) return null;
    const value = bytes === 8 ? raw.readBigUInt64LE() : BigInt(raw.readUIntLE(0, bytes));
    return isSigned ? BigInt.asIntN(bits, value) : value;
  };
}
