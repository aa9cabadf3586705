import { describe, expect, test } from '@jest/globals';
import { writeSync } from 'node:fs';
import { FileStream } from '../../../../src/host/machine/file-stream';

const LIMIT = 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

const refuse = (): void => {
  throw new Error('the limit was reached');
};

/** Text of all that a listener is given from now on. */
function listen(stream: FileStream): { text: () => string } {
  const seen: Buffer[] = [];
  stream.onData((chunk) => seen.push(chunk));
  return { text: () => Buffer.concat(seen).toString('latin1') };
}

describe('FileStream', () => {
  test('delivers every byte once and in order to each listener, whenever it came', () => {
    using stream = new FileStream(LIMIT, refuse);
    const early = listen(stream);
    writeSync(stream.writeFd, 'one ');
    stream.drain();
    writeSync(stream.writeFd, 'two ');
    stream.drain();
    stream.drain();
    const late = listen(stream);
    writeSync(stream.writeFd, 'three');
    stream.drain();
    expect([early.text(), late.text(), stream.text()]).toEqual(Array(3).fill('one two three'));
    expect(listen(stream).text()).toBe('one two three');
    expect(stream.length).toBe(13);
  });

  test('delivers what is written by itself', async () => {
    using stream = new FileStream(LIMIT, refuse);
    const arrived = new Promise<string>((resolve) => stream.onData((chunk) => resolve(chunk.toString())));
    writeSync(stream.writeFd, 'boot');
    expect(await arrived).toBe('boot');
  });

  test('delivers more than one read takes, of any bytes', () => {
    using stream = new FileStream(LIMIT, refuse);
    const bytes = Buffer.alloc(2 * CHUNK_BYTES + 1, 0xff);
    bytes[CHUNK_BYTES] = 0;
    writeSync(stream.writeFd, bytes);
    stream.drain();
    expect(Buffer.from(stream.text(), 'latin1').equals(bytes)).toBe(true);
  });

  test('says once that the limit is passed, and goes on', () => {
    let calls = 0;
    using stream = new FileStream(4, () => calls++);
    const counts = ['1234', '5', '6'].map((text) => {
      writeSync(stream.writeFd, text);
      stream.drain();
      return calls;
    });
    expect(counts).toEqual([0, 1, 1]);
    expect(stream.text()).toBe('123456');
  });

  test('has an empty text before anything was written', () => {
    using stream = new FileStream(LIMIT, refuse);
    expect([stream.text(), stream.length]).toEqual(['', 0]);
  });
});
