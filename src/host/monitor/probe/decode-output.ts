import { HarnessError } from '../../../errors';
import { MONITOR_STRUCTURES, PROBE_ENTRY_KIND } from '../../native/monitor-layout';
import { structureCodec } from '../../native/structure-codec';

/** What the probe wrote down at a hit. `sample` has a record of its plan, `end` is the number of hits of a machine that has ended. */
export type ProbeEntry =
  | { kind: 'sample'; hit: bigint; record: Buffer }
  | { kind: 'digest'; hit: bigint; digest: bigint }
  | { kind: 'end'; hit: bigint };

const ENTRY = structureCodec(MONITOR_STRUCTURES.probe_entry);
const DIGEST_BYTES = 8;

/**
 * The entries of the probe's output, native/abi/probe.h, in the order of hits. One that is cut short at the end is left out: the machine
 * was ended while it was written.
 *
 * @throws {HarnessError} `decode` for anything else that is no entry
 */
export function decodeProbeOutput(output: Buffer): ProbeEntry[] {
  const entries: ProbeEntry[] = [];
  let at = 0;
  while (at + ENTRY.bytes <= output.length) {
    const { kind, bytes, hit } = ENTRY.decode(output, at);
    const payload = output.subarray(at + ENTRY.bytes, at + ENTRY.bytes + bytes);
    if (payload.length < bytes) return entries;
    entries.push(entryOf({ kind, hit, payload, at }));
    at += ENTRY.bytes + bytes;
  }
  return entries;
}

function entryOf({ kind, hit, payload, at }: { kind: number; hit: bigint; payload: Buffer; at: number }): ProbeEntry {
  if (kind === PROBE_ENTRY_KIND.sample) return { kind: 'sample', hit, record: payload };
  if (kind === PROBE_ENTRY_KIND.end && payload.length === 0) return { kind: 'end', hit };
  if (kind === PROBE_ENTRY_KIND.digest && payload.length === DIGEST_BYTES)
    return { kind: 'digest', hit, digest: payload.readBigUInt64LE() };
  const problem = `an entry of kind ${kind} has ${payload.length} bytes`;
  throw new HarnessError('decode', { what: 'output of the probe', at: `byte ${at}`, problem });
}
