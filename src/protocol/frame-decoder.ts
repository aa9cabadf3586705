import { crc32 } from 'node:zlib';
import { ByteWindow } from './byte-window';
import { shiftCrc } from './crc-shift';
import { type Frame, HEADER_BYTES, type HeaderFault, MAX_PAYLOAD_BYTES, headerFault, headerKind } from './frame';
import { type OpenFrame, OpenFrames } from './open-frames';

/**
 * All bytes between two intact frames, or between an intact frame and an end of the stream. `reason` is what was wrong with the
 * header at its start; `truncated` means that the frame begun there was cut short.
 */
export interface Damage {
  offset: number;
  bytes: number;
  reason: HeaderFault | 'crc' | 'truncated';
}

export type DecodedItem = { type: 'frame'; frame: Frame } | { type: 'damage'; damage: Damage };

/**
 * Splits the byte stream of the port into frames and survives damage. Every offset may start a frame: a header without fault opens
 * one, and where it ends the CRC of its payload decides. The frame that ends first wins, and opens whose bytes it took are dropped.
 * So a damaged length never hides the frames behind it, and what is delivered does not depend on how the stream was cut into chunks.
 * A true frame cannot lose to one inside of it: JSON has no zero bytes, which every header has, and records are too short.
 *
 * The CRC of a payload comes from a running CRC of the stream at its two ends, so each byte is read twice whatever the input claims.
 */
export class FrameDecoder {
  readonly #window = new ByteWindow();
  readonly #open = new OpenFrames();
  /** Next offset at which a header may start. */
  #scanAt = 0;
  /** CRC of the stream from some offset at or before the first open payload, up to `#crcTo`. */
  #crc = 0;
  #crcTo = 0;
  /** End of the last intact frame. */
  #intactTo = 0;
  /** What stands at `#intactTo`, once its 16 bytes are there: a fault, or where the frame begun there ends. */
  #afterIntact: HeaderFault | number | null = null;

  /** Intact frames and damage that the stream up to this chunk decides, in wire order. Payloads are copies. */
  push(chunk: Uint8Array): DecodedItem[] {
    const items: DecodedItem[] = [];
    this.#window.append(chunk);
    while (this.#advance(items));
    this.#discard();
    return items;
  }

  /** The damage at the end of the stream, if any. The decoder is then ready for a new stream; offsets count on. */
  end(): DecodedItem[] {
    const items: DecodedItem[] = [];
    const end = this.#window.end;
    this.#reportDamage(end, items);
    this.#restartAt(end);
    this.#discard();
    return items;
  }

  /** Takes the next event in stream order: a header, or the end of an open frame. False when it needs more bytes. */
  #advance(items: DecodedItem[]): boolean {
    const first = this.#open.first;
    const available = this.#window.end;
    const horizon = first === undefined ? available : Math.min(available, first.end);
    const header = this.#findHeader(horizon - HEADER_BYTES);
    if (header !== null) {
      this.#openFrame(header);
      return true;
    }
    if (first === undefined || first.end > available) return false;
    this.#settle(first, items);
    return true;
  }

  /** Offset of the next header without fault that starts at or before `limit`. */
  #findHeader(limit: number): number | null {
    if (this.#scanAt > limit) return null;
    const { storage, at } = this.#window.locate(this.#scanAt);
    const last = at + limit - this.#scanAt;
    let index = at;
    let found: number | null = null;
    while (index <= last && found === null) {
      // A kind is a small number, so three zero bytes follow its first: a byte that is not zero rules out three offsets.
      if (storage[index + 3] !== 0) index += 3;
      else if (storage[index + 2] === 0 && headerFault(storage, index) === null) found = index;
      else index += 1;
    }
    const offset = this.#scanAt + (index - at);
    this.#noteHeaderAfterIntact();
    this.#scanAt = found === null ? offset : offset + 1;
    return found === null ? null : offset;
  }

  #noteHeaderAfterIntact(): void {
    if (this.#afterIntact !== null) return;
    const { storage, at } = this.#window.locate(this.#intactTo);
    this.#afterIntact = headerFault(storage, at) ?? this.#intactTo + HEADER_BYTES + storage.readUInt32LE(at + 4);
  }

  #openFrame(start: number): void {
    const { storage, at } = this.#window.locate(start);
    const length = storage.readUInt32LE(at + 4);
    const payloadAt = start + HEADER_BYTES;
    this.#advanceCrc(payloadAt);
    const crcAtEnd = (shiftCrc(this.#crc, length) ^ storage.readUInt32LE(at + 8)) >>> 0;
    this.#open.add({ start, end: payloadAt + length, crcAtEnd });
  }

  #advanceCrc(to: number): void {
    if (this.#open.first === undefined) this.#crc = 0;
    else this.#crc = crc32(this.#window.view(this.#crcTo, to), this.#crc);
    this.#crcTo = to;
  }

  #settle(open: OpenFrame, items: DecodedItem[]): void {
    this.#advanceCrc(open.end);
    this.#open.removeFirst();
    if (this.#crc !== open.crcAtEnd) return;
    this.#reportDamage(open.start, items);
    const { storage, at } = this.#window.locate(open.start);
    const payload = Buffer.from(this.#window.view(open.start + HEADER_BYTES, open.end));
    items.push({ type: 'frame', frame: { kind: headerKind(storage, at), payload } });
    this.#restartAt(open.end);
  }

  #reportDamage(to: number, items: DecodedItem[]): void {
    const bytes = to - this.#intactTo;
    if (bytes === 0) return;
    const seen = this.#afterIntact;
    const isCut = seen === null || (typeof seen === 'number' && seen > to);
    const reason = isCut ? 'truncated' : typeof seen === 'number' ? 'crc' : seen;
    items.push({ type: 'damage', damage: { offset: this.#intactTo, bytes, reason } });
  }

  /** Nothing open starts at or behind `offset`: a header is only opened when no earlier end lies before its payload. */
  #restartAt(offset: number): void {
    this.#open.clear();
    this.#scanAt = offset;
    this.#intactTo = offset;
    this.#afterIntact = null;
  }

  #discard(): void {
    const isOpen = this.#open.first !== undefined;
    this.#window.discardBefore(isOpen ? this.#window.end - HEADER_BYTES - MAX_PAYLOAD_BYTES : this.#scanAt);
  }
}
