import { expect, test } from '@jest/globals';

import { BoundedText } from '../../../../src/guest/scheduler/bounded-text';

test('BoundedText keeps all of a short text', () => {
  const text = new BoundedText();
  text.append('a');
  text.append('b');
  expect(text.toString()).toBe('ab');
});

test('BoundedText keeps start and end of a long text, and says how much is left out', () => {
  const text = new BoundedText();
  const line = `${'x'.repeat(1023)}\n`;
  for (let count = 0; count < 8192; count++) text.append(line);
  text.append('the end');
  const kept = text.toString();
  expect(kept.length).toBeLessThan(3 * 1024 * 1024);
  expect(kept.endsWith('the end')).toBe(true);
  const dropped = Number(/\[… (\d+) characters left out …\]/.exec(kept)?.[1]);
  expect(kept.replace(/\n\[…[^\]]*\]\n/, '').length + dropped).toBe(8192 * 1024 + 7);
});
