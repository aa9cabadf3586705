import { describe, expect, test } from '@jest/globals';
import { NEVER_RETURNED } from '../../../src/protocol/messages';
import { useOneTest } from './one-test';

const run = useOneTest();

const messagesOf = (errors: readonly { message: string }[]): string[] => errors.map(({ message }) => message);

/** Blocks with hooks, and tests whose names occur twice. */
const BLOCKS = `
  const { ktstrTest } = ktstr;
  for (const hook of [beforeAll, beforeEach, afterEach, afterAll]) hook(() => log('outer ' + hook.name));
  ktstrTest('same', {}, () => log('first'));
  ktstrTest.only('focused', {}, () => log('focused'));
  test('plain', () => log('plain'));
  describe.skip('block', () => {
    for (const hook of [beforeAll, beforeEach, afterEach, afterAll]) hook(() => log('inner ' + hook.name));
    ktstrTest('same', {}, () => log('second'));
    ktstrTest.skip('same', {}, () => log('third'));
  });
  describe('other', () => {
    beforeAll(() => log('hook of another block'));
    ktstrTest('same', {}, () => log('fourth'));
  });`;

describe('runOneTest()', () => {
  test('runs the test that is asked for and no other, whatever has the focus, with the hooks around it', async () => {
    const { log, errors } = await run({ source: BLOCKS, id: { title: 'same', ancestors: ['block'], occurrence: 1 } });
    expect(errors).toEqual([]);
    expect(log).toEqual([
      ...['outer beforeAll', 'inner beforeAll', 'outer beforeEach', 'inner beforeEach'],
      ...['start', 'third'],
      ...['inner afterEach', 'outer afterEach', 'inner afterAll', 'outer afterAll'],
    ]);
  });

  test('tells a test from those of the same name in other blocks', async () => {
    const { log } = await run({ source: BLOCKS, id: { title: 'same' } });
    expect(log.filter((text) => !text.startsWith('outer'))).toEqual(['start', 'first']);
  });

  test('says which tests there are when there is no such test', async () => {
    const { errors, log } = await run({ source: BLOCKS, id: { title: 'gone', ancestors: ['block'] } });
    expect(messagesOf(errors)).toEqual([
      expect.stringMatching(/"block gone".*It defines: same, focused, block same, block same, other same\./),
    ]);
    expect(log).toEqual([]);
  });

  test('gives what the file throws when it is loaded', async () => {
    const { errors } = await run({ source: `throw new TypeError('top level');`, id: { title: 'a' } });
    expect(errors).toMatchObject([
      { name: 'TypeError', message: 'top level', stack: expect.stringContaining('\n    at ') },
    ]);
  });

  test('gives what hooks and body throw, in order, and leaves the body out after a hook that failed', async () => {
    const source = `
      beforeAll(() => { if (MODE === 'all') throw new Error('beforeAll'); });
      beforeEach(() => { if (MODE === 'each') throw new Error('beforeEach'); });
      afterEach(() => { throw new Error('afterEach'); });
      afterAll(() => { throw new Error('afterAll'); });
      ktstr.ktstrTest('a', {}, () => { throw new Error('body'); });`;
    const errorsIn = async (mode: string): Promise<string[]> =>
      messagesOf((await run({ source: `const MODE = '${mode}';${source}`, id: { title: 'a' } })).errors);
    expect(await Promise.all(['none', 'each', 'all'].map(errorsIn))).toEqual([
      ['body', 'afterEach', 'afterAll'],
      ['beforeEach', 'afterEach', 'afterAll'],
      ['beforeAll', 'afterEach', 'afterAll'],
    ]);
  });

  test('gives what is thrown while the body waits, and nothing of a rejection that is handled', async () => {
    const source = `
      ktstr.ktstrTest('a', {}, async () => {
        Promise.reject(new Error('handled')).catch(() => undefined);
        setTimeout(() => { throw new Error('thrown by a timer'); }, 1);
        Promise.reject(new Error('not handled'));
        await new Promise((resolve) => setTimeout(resolve, 50));
      });`;
    const { errors } = await run({ source, id: { title: 'a' } });
    expect(messagesOf(errors).sort()).toEqual(['not handled', 'thrown by a timer']);
  });

  test('judges assertions that were asked for, and names the matcher that failed', async () => {
    const source = `
      const { ktstrTest } = ktstr;
      ktstrTest('counted', {}, () => { expect.assertions(2); expect(1).toBe(1); });
      ktstrTest('some', {}, () => { expect.hasAssertions(); });
      ktstrTest('differs', {}, () => { expect(1).toBe(2); });
      ktstrTest('snapshot', {}, () => { expect(1).toMatchSnapshot(); });`;
    const errorsOf = async (title: string) => (await run({ source, id: { title } })).errors;
    const [counted, some, differs, snapshot] = await Promise.all(
      ['counted', 'some', 'differs', 'snapshot'].map(errorsOf),
    );
    expect(counted).toMatchObject([{ message: expect.stringMatching(/two assertions[^]*one assertion/) }]);
    expect(some).toMatchObject([{ message: expect.stringMatching(/at least one assertion/) }]);
    expect(differs).toMatchObject([{ matcher: 'toBe' }]);
    expect(snapshot).toMatchObject([{ message: expect.stringMatching(/option after/) }]);
  });

  test('gives the body its own time, whatever that of Jest is, and then says where the test is declared', async () => {
    const source = `
      jest.setTimeout(20);
      ktstr.ktstrTest('slow', {}, () => new Promise((resolve) => setTimeout(resolve, 150)));`;
    expect((await run({ source, id: { title: 'slow' } })).errors).toEqual([]);
    const { errors } = await run({ source, id: { title: 'slow' }, timeoutMs: 50 });
    expect(errors).toMatchObject([
      { name: NEVER_RETURNED, message: expect.stringContaining('slow'), stack: expect.stringContaining('\n    at ') },
    ]);
  });

  test('gives a hook the time that it is told, or that the file asks for', async () => {
    const source = `
      beforeEach(() => new Promise((resolve) => setTimeout(resolve, 150)));
      ktstr.ktstrTest('a', {}, () => log('body'));`;
    expect(messagesOf((await run({ source, id: { title: 'a' }, hookTimeoutMs: 30 })).errors).join()).toMatch(
      /30 ms for a hook/,
    );
    const asked = await run({ source: `jest.setTimeout(5000);${source}`, id: { title: 'a' }, hookTimeoutMs: 30 });
    expect(asked).toMatchObject({ errors: [], log: ['start', 'body'] });
  });

  test('reports what the body returned, and calls it with the context', async () => {
    const source = `
      ktstr.ktstrTest('a', {}, ({ seed }) => ktstr.fail('seed ' + seed));
      ktstr.ktstrTest('nothing', {}, () => undefined);`;
    expect((await run({ source, id: { title: 'a' } })).results).toMatchObject([{ details: [{ message: 'seed 7' }] }]);
    expect((await run({ source, id: { title: 'nothing' } })).results).toEqual([null]);
  });

  test("offers Jest's mocks, and refuses what means nothing in a guest when it is called", async () => {
    const source = `
      const mock = jest.fn(() => 5);
      ktstr.ktstrTest('mocks', {}, () => {
        jest.spyOn(Math, 'random').mockReturnValue(mock());
        expect(Math.random()).toBe(5);
        expect(mock).toHaveBeenCalledTimes(1);
      });
      ktstr.ktstrTest('module', {}, () => jest.mock('node:fs'));`;
    expect((await run({ source, id: { title: 'mocks' } })).errors).toEqual([]);
    expect(messagesOf((await run({ source, id: { title: 'module' } })).errors).join()).toMatch(
      /^call jest\.mock: .*jest\.fn/,
    );
  });
});
