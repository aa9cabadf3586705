import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OpenFrames } from '../../../src/protocol/open-frames';

test('OpenFrames gives frames by their ends, of those with one end the first that started', () => {
  const frames = fc.array(fc.record({ start: fc.nat(20), end: fc.nat(20), crcAtEnd: fc.constant(0) }));
  fc.assert(
    fc.property(frames, (added) => {
      const open = new OpenFrames();
      for (const frame of added) open.add(frame);
      const given: unknown[] = [];
      for (let first = open.first; first !== undefined; first = open.first) {
        given.push(first);
        open.removeFirst();
      }
      expect(given).toEqual([...added].sort((a, b) => a.end - b.end || a.start - b.start));
    }),
  );
});
