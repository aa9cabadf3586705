import { encodeFrame } from './frame';
import type { Message } from './messages';
import { encodeStepEnd, encodeStepStart } from './record';

/**
 * One message as a frame, ready to be written.
 * @throws HarnessError `frame-too-large` when the message is over the limit of a frame.
 */
export function encodeMessage(message: Message): Buffer {
  return encodeFrame(message.kind, encodePayload(message));
}

function encodePayload(message: Message): Buffer {
  if (message.kind === 'stepStart') return encodeStepStart(message);
  if (message.kind === 'stepEnd') return encodeStepEnd(message);
  const { kind: _, ...fields } = message;
  return Buffer.from(JSON.stringify(fields));
}
