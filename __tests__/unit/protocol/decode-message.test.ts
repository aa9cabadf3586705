import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage } from '../../../src/protocol/decode-message';
import { FRAME_KINDS, type MessageKind } from '../../../src/protocol/messages';
import { EXAMPLES } from './example-messages';

function decodeJson(kind: MessageKind, value: unknown): ReturnType<typeof decodeMessage> {
  return decodeMessage({ kind, payload: Buffer.from(JSON.stringify(value)) });
}

const faulty: { name: string; kind: MessageKind; value: unknown; path: string; expected: string }[] = [
  { name: 'a payload that is a list', kind: 'testStart', value: [], path: '', expected: 'an object' },
  { name: 'a missing member', kind: 'testStart', value: { name: 'a' }, path: 'atNs', expected: 'a finite number' },
  { name: 'a member of another type', kind: 'departure', value: { how: 1 }, path: 'how', expected: 'a string' },
  {
    name: 'a nested list',
    kind: 'result',
    value: { errors: [], assertResult: null, schedulers: [], stages: [{ stage: 'a', atNs: 1 }, { stage: 2 }] },
    path: 'stages[1].stage',
    expected: 'a string',
  },
  {
    name: 'an unknown outcome',
    kind: 'result',
    value: { errors: [], assertResult: { outcome: 'meh', details: [], stats: [], workers: [] }, stages: [] },
    path: 'assertResult.outcome',
    expected: '"fail" or "inconclusive" or "pass" or "skip"',
  },
  {
    name: 'an unknown exit of a worker',
    kind: 'result',
    value: {
      ...EXAMPLES.result,
      assertResult: {
        ...EXAMPLES.result.assertResult,
        workers: [{ ...EXAMPLES.result.assertResult?.workers[0], exit: { kind: 'vanished' } }],
      },
    },
    path: 'assertResult.workers[0].exit.kind',
    expected: '"completed" or "signaled" or "exited" or "timed-out"',
  },
  {
    name: 'an optional member of another type',
    kind: 'result',
    value: { errors: [{ name: '', message: '', stack: '', matcher: 3 }], assertResult: null, stages: [] },
    path: 'errors[0].matcher',
    expected: 'a string',
  },
  {
    name: 'a negative count',
    kind: 'hello',
    value: { ...EXAMPLES.hello, topology: { ...EXAMPLES.hello.topology, cpus: [-1] } },
    path: 'topology.cpus[0]',
    expected: 'a whole number from 0',
  },
];

describe('decodeMessage()', () => {
  test.each(faulty)('names the place and what belongs there for $name', ({ kind, value, path, expected }) => {
    const problem = { kind: 'invalid-payload', frameKind: kind, fault: { path, expected } };
    expect(decodeJson(kind, value)).toEqual({ ok: false, problem });
  });

  test('does not take a record of another size', () => {
    const decoded = decodeMessage({ kind: 'stepEnd', payload: Buffer.alloc(16) });
    expect(decoded).toMatchObject({ ok: false, problem: { kind: 'invalid-payload', frameKind: 'stepEnd' } });
  });

  test('names both versions when the guest speaks another one, whatever else its hello holds', () => {
    const problem = { kind: 'version-mismatch', guestVersion: 2, hostVersion: 1 };
    expect(decodeJson('hello', { protocolVersion: 2, surprise: true })).toEqual({ ok: false, problem });
  });

  test('keeps a kind inside of the payload from changing the kind of the message', () => {
    const decoded = decodeJson('testStart', { kind: 'result', name: 'a', atNs: 1 });
    expect(decoded).toMatchObject({ ok: true, message: { kind: 'testStart' } });
  });

  test('never throws, whatever the payload is', () => {
    const payloads = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((json) => Buffer.from(json)),
    );
    const kinds = fc.constantFrom(...(Object.keys(FRAME_KINDS) as MessageKind[]));
    fc.assert(
      fc.property(kinds, payloads, (kind, payload) => {
        expect(typeof decodeMessage({ kind, payload }).ok).toBe('boolean');
      }),
    );
  });

  test('never throws when one member of a real message is replaced by anything', () => {
    const messages = fc.constantFrom(...Object.values(EXAMPLES));
    fc.assert(
      fc.property(messages, fc.nat(200), fc.jsonValue(), (message, nth, replacement) => {
        const decoded = decodeJson(message.kind, replaceNth(message, nth, replacement));
        expect(typeof decoded.ok).toBe('boolean');
      }),
    );
  });
});

/** A copy of `value` whose n-th member, in the order of a walk, is replaced. */
function replaceNth(value: unknown, nth: number, replacement: unknown): unknown {
  let seen = 0;
  return JSON.parse(JSON.stringify(value, (_, member: unknown) => (seen++ === nth ? replacement : member)));
}
