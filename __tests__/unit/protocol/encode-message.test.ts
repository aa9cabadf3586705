import { describe, expect, test } from '@jest/globals';
import { decodeMessage } from '../../../src/protocol/decode-message';
import { encodeMessage } from '../../../src/protocol/encode-message';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from '../../../src/protocol/frame';
import { FrameDecoder } from '../../../src/protocol/frame-decoder';
import { FRAME_KINDS, type Message, type MessageKind } from '../../../src/protocol/messages';
import type { SchedulerRun } from '../../../src/verdict/scheduler/scheduler-run';
import { EXAMPLES } from './example-messages';

const topology = { cpus: [0], llcs: [], cores: [], nodes: [] };

const SCHEDULER_RUN: SchedulerRun = {
  ...{
    name: 's',
    argv: [],
    ops: null,
    watchdog: null,
    startedAtNs: 1,
    attachedAtNs: null,
    endedAtNs: null,
    stop: null,
  },
  ...{ outcome: 'running', message: '', exit: null, kernel: null, stdout: '', stderr: '', kernelLines: [], dump: [] },
};

/** Headers and records in hex; the CRCs were computed by Python's zlib. */
const golden: Record<MessageKind, { message: Message; header: string; payload: Buffer }> = {
  hello: {
    message: { kind: 'hello', protocolVersion: 1, kernelRelease: '6', clockSource: 'tsc', topology, stages: [] },
    header: '01000000 81000000 2e2aadea 00000000',
    payload: Buffer.from(
      '{"protocolVersion":1,"kernelRelease":"6","clockSource":"tsc",' +
        '"topology":{"cpus":[0],"llcs":[],"cores":[],"nodes":[]},"stages":[]}',
    ),
  },
  testStart: {
    message: { kind: 'testStart', name: 'a', atNs: 1 },
    header: '02000000 15000000 805cb568 00000000',
    payload: Buffer.from('{"name":"a","atNs":1}'),
  },
  console: {
    message: { kind: 'console', type: 'log', message: 'é', stack: '', atNs: 2 },
    header: '03000000 31000000 dec3fa7c 00000000',
    payload: Buffer.from('{"type":"log","message":"é","stack":"","atNs":2}'),
  },
  stepStart: {
    message: { kind: 'stepStart', step: 3, atNs: 0x0102030405 },
    header: '04000000 10000000 7b93343d 00000000',
    payload: hex('03000000 00000000 05040302 01000000'),
  },
  stepEnd: {
    message: { kind: 'stepEnd', step: 4, atNs: 0x0102030405, iterations: 0x0607 },
    header: '05000000 18000000 d60c6fd4 00000000',
    payload: hex('04000000 00000000 05040302 01000000 07060000 00000000'),
  },
  departure: {
    message: { kind: 'departure', how: 'exit', code: null, stack: '' },
    header: '06000000 25000000 ead7310d 00000000',
    payload: Buffer.from('{"how":"exit","code":null,"stack":""}'),
  },
  result: {
    message: { kind: 'result', errors: [], assertResult: null, schedulers: [], stages: [] },
    header: '07000000 3d000000 d1053d50 00000000',
    payload: Buffer.from('{"errors":[],"assertResult":null,"schedulers":[],"stages":[]}'),
  },
  scheduler: {
    message: { kind: 'scheduler', index: 1, run: SCHEDULER_RUN },
    header: '08000000 f2000000 c7705d87 00000000',
    payload: Buffer.from(
      '{"index":1,"run":{"name":"s","argv":[],"ops":null,"watchdog":null,"startedAtNs":1,"attachedAtNs":null,"endedAtNs":null,' +
        '"stop":null,"outcome":"running","message":"","exit":null,"kernel":null,"stdout":"","stderr":"","kernelLines":[],"dump":[]}}',
    ),
  },
};

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

describe('encodeMessage()', () => {
  test.each(Object.keys(FRAME_KINDS) as MessageKind[])('writes the bytes of the wire format for %s', (kind) => {
    const { message, header, payload } = golden[kind];
    expect(encodeMessage(message)).toEqual(Buffer.concat([hex(header), payload]));
  });

  test.each(Object.values(EXAMPLES))('writes a $kind that decodes to the same message', (message) => {
    const items = new FrameDecoder().push(encodeMessage(message));
    expect(items).toHaveLength(1);
    const [item] = items;
    if (item?.type !== 'frame') throw new Error('expected a frame');
    expect(decodeMessage(item.frame)).toStrictEqual({ ok: true, message });
  });

  test('takes a payload of exactly the limit', () => {
    const empty = encodeMessage(console('')).length - HEADER_BYTES;
    const frame = encodeMessage(console('x'.repeat(MAX_PAYLOAD_BYTES - empty)));
    expect(new FrameDecoder().push(frame)).toEqual([expect.objectContaining({ type: 'frame' })]);
  });

  test('throws frame-too-large when the payload is one byte over the limit', () => {
    const empty = encodeMessage(console('')).length - HEADER_BYTES;
    expect(() => encodeMessage(console('x'.repeat(MAX_PAYLOAD_BYTES - empty + 1)))).toThrow(
      expect.objectContaining({
        code: 'frame-too-large',
        fields: { kind: 'console', bytes: MAX_PAYLOAD_BYTES + 1, limitBytes: MAX_PAYLOAD_BYTES },
      }),
    );
  });
});

function console(message: string): Message {
  return { kind: 'console', type: 'log', message, stack: '', atNs: 1 };
}
