import { type Frame, isRecordKind } from './frame';
import { type Message, type MessageKind, PROTOCOL_VERSION } from './messages';
import { PAYLOAD_SHAPES } from './payload-shapes';
import { decodeStepEnd, decodeStepStart } from './record';
import { type ShapeFault, integer, object } from './shape';

/** Why an intact frame is no message. A guest of another protocol version says so in its hello, whatever else that holds. */
export type MessageProblem =
  | { kind: 'invalid-payload'; frameKind: MessageKind; fault: ShapeFault }
  | { kind: 'version-mismatch'; guestVersion: number; hostVersion: number };

export type DecodedMessage = { ok: true; message: Message } | { ok: false; problem: MessageProblem };

const versioned = object<{ protocolVersion: number }>({ protocolVersion: integer });

/** The message in a frame. Never throws. */
export function decodeMessage(frame: Frame): DecodedMessage {
  return isRecordKind(frame.kind) ? decodeRecord(frame) : decodeJson(frame.kind, frame.payload);
}

function decodeRecord(frame: Frame): DecodedMessage {
  const fields = frame.kind === 'stepStart' ? decodeStepStart(frame.payload) : decodeStepEnd(frame.payload);
  if (fields === null) return invalid(frame.kind, { path: '', expected: 'a record of the size of its kind' });
  return { ok: true, message: { kind: frame.kind, ...fields } as Message };
}

function decodeJson(kind: keyof typeof PAYLOAD_SHAPES, payload: Buffer): DecodedMessage {
  const value = parse(payload);
  if (kind === 'hello' && versioned(value, '') === null) {
    const { protocolVersion } = value as { protocolVersion: number };
    if (protocolVersion !== PROTOCOL_VERSION) {
      const problem = {
        kind: 'version-mismatch',
        guestVersion: protocolVersion,
        hostVersion: PROTOCOL_VERSION,
      } as const;
      return { ok: false, problem };
    }
  }
  const fault = PAYLOAD_SHAPES[kind](value, '');
  if (fault !== null) return invalid(kind, fault);
  return { ok: true, message: { ...(value as object), kind } as Message };
}

/** Undefined, which is no JSON value, when the payload is not JSON. */
function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}

function invalid(frameKind: MessageKind, fault: ShapeFault): DecodedMessage {
  return { ok: false, problem: { kind: 'invalid-payload', frameKind, fault } };
}
