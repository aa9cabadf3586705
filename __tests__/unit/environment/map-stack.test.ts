import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { stackOf, useGuestBundle } from './guest-bundle';

const makeBundle = useGuestBundle();

const SOURCE = `
interface NotInTheBundle { a: number }
export function fails(): void {
  throw new RangeError('first line\\nsecond line');
}
export class Body {
  async method(): Promise<void> { await null; fails(); }
}
export const named = async (): Promise<void> => { await new Body().method(); };
export const anonymous = (() => async () => {
  await null;
  await (async () => { await null; fails(); })();
})();
`;

describe('StackMapper.text()', () => {
  test('turns positions in the bundle into those of the author, and keeps what stands above them', async () => {
    const { file, mapper, exports } = await makeBundle(SOURCE);
    const stack = mapper.text(await stackOf(exports['fails']));
    expect(stack.split('\n').slice(0, 3)).toEqual([
      'RangeError: first line',
      'second line',
      `    at fails (${file}:4:9)`,
    ]);
    expect(stack).not.toContain('/ktstr/');
  });

  test('maps what was awaited, of functions with a name and without', async () => {
    const { file, mapper, exports } = await makeBundle(SOURCE);
    expect(mapper.text(await stackOf(exports['named'])).split('\n')).toContain(`    at async named (${file}:9:51)`);
    const stack = mapper.text(await stackOf(exports['anonymous'])).split('\n');
    expect(stack).toContain(`    at ${file}:12:36`);
    expect(stack).toContain(`    at async ${file}:12:3`);
    expect(stack.join('\n')).not.toContain('/ktstr/');
  });

  test('leaves out the frames of Node and of the runtime, and those without a place', async () => {
    const { mapper } = await makeBundle(SOURCE);
    const stack = [
      'Error: no',
      '    at run (/ktstr/runtime.js:1:200)',
      '    at async /ktstr/runtime.js:2:1',
      '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
      '    at new Promise (<anonymous>)',
    ].join('\n');
    expect(mapper.text(stack)).toBe('Error: no');
  });

  test('maps the stacks within what console.log prints of an error with properties', async () => {
    const { file, mapper, exports } = await makeBundle(SOURCE);
    const stack = (await stackOf(exports['fails'])).split('\n').slice(0, 3).join('\n');
    const printed = inspect(Object.assign(new Error(), { stack, code: 'E' }));
    expect(printed).toContain('/ktstr/test.js');
    expect(mapper.text(`it said: ${printed}`).split('\n')).toEqual([
      'it said: RangeError: first line',
      'second line',
      `    at fails (${file}:4:9) {`,
      "  code: 'E'",
      '}',
    ]);
  });

  test.each(['no stack at all', '', 'at noon', '12:30:15', '    at home'])('leaves "%s" as it is', async (text) => {
    expect((await makeBundle(SOURCE)).mapper.text(text)).toBe(text);
  });
});

describe('StackMapper.frames()', () => {
  test("gives the author's frames alone", async () => {
    const { file, mapper, exports } = await makeBundle(SOURCE);
    const frames = mapper.frames(await stackOf(exports['named'])).split('\n');
    expect(frames.slice(0, 2)).toEqual([`    at fails (${file}:4:9)`, `    at Body.method (${file}:7:47)`]);
    expect(frames).toHaveLength(3);
    expect(mapper.frames('Error: no\n    at run (/ktstr/runtime.js:1:2)')).toBe('');
  });
});

describe('StackMapper.frame()', () => {
  test.each([
    { name: 'a position of the runtime', at: { file: '/ktstr/runtime.js', line: 1, column: 1 } },
    { name: 'a line that the bundle does not have', at: { file: '/ktstr/test.js', line: 9999, column: 1 } },
  ])('gives null for $name', async ({ at }) => {
    expect((await makeBundle(SOURCE)).mapper.frame({ name: 'f', ...at })).toBeNull();
  });
});
