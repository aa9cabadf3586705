import { describe, expect, test } from '@jest/globals';
import type { Ctx } from '../../../../src/spec/declare/ctx';
import { mergeOptions } from '../../../../src/spec/declare/merge-options';
import type { Declared } from '../../../../src/spec/declare/registrar';
import { ktstrTest } from '../../../../src/spec/declare/decorators';
import { compileWithTypeScript, LEGACY, STANDARD } from './compilers';
import { loadFile, outline } from './declaring-file';

const FILE = `
import { ktstrTest, ktstrDefaults } from 'ktstr';

@ktstrDefaults({ llcs: 2, seed: 1 })
export class Base {
  @ktstrTest({ seed: 5 })
  own(ctx) { return [this.constructor.name, ctx]; }
}

@ktstrDefaults({ cores: 3, seed: 2 })
export class Derived extends Base {
  count = 0;
  increase() { return ++this.count; }

  @ktstrTest()
  async first() { return this.increase(); }
  @ktstrTest.skip({ llcs: 4 })
  skipped() {}
  @ktstrTest.only()
  focused() { return this.increase(); }
}

@ktstrDefaults()
export class Last extends Derived {
  @ktstrTest({ threads: 2 })
  first() { return 'overridden'; }
}
`;

const optionsOf = (declared: readonly Declared[]): Record<string, object> =>
  Object.fromEntries(declared.map(({ subject, layers }) => [subject, mergeOptions(...layers())]));

const CTX = { seed: 7 } as Ctx;

async function callAll(declared: readonly Declared[]): Promise<unknown[]> {
  return Promise.all(declared.map(async ({ body }) => body(CTX)));
}

describe.each([
  ...LEGACY.map((row) => ({ style: 'legacy', ...row })),
  ...STANDARD.map((row) => ({ style: 'standard', ...row })),
])('ktstrTest() and ktstrDefaults() as $style decorators of $compiler', ({ compile }) => {
  const load = () => loadFile(compile(FILE));

  test('give Jest a block for each class, with its own tests alone, in order', () => {
    const names = ['Derived > first', 'Derived > skipped (skip)', 'Derived > focused (only)'];
    const found = outline(load().root);
    // A standard method decorator waits for that of its class, a legacy one does not: order across classes is the same.
    expect(found).toEqual(expect.arrayContaining(['Base > own', ...names, 'Last > first']));
    expect(found.map((name) => name.split(' ')[0])).toEqual(['Base', 'Derived', 'Derived', 'Derived', 'Last']);
    expect(found.filter((name) => name.startsWith('Derived'))).toEqual(names);
  });

  test('layer the options of a class over those of what it extends, and those of the method over all', () => {
    expect(optionsOf(load().declared)).toEqual({
      'Base.own': { llcs: 2, seed: 5 },
      'Derived.first': { llcs: 2, cores: 3, seed: 2 },
      'Derived.skipped': { llcs: 4, cores: 3, seed: 2 },
      'Derived.focused': { llcs: 2, cores: 3, seed: 2 },
      'Last.first': { llcs: 2, cores: 3, seed: 2, threads: 2 },
    });
  });

  test('call each test on an instance of its own, with the context', async () => {
    expect(await callAll(load().declared)).toEqual([['Base', CTX], 1, undefined, 1, 'overridden']);
    const { declared } = load();
    const first = declared.find(({ subject }) => subject === 'Derived.first');
    expect([await first?.body(CTX), await first?.body(CTX)]).toEqual([1, 1]);
  });

  test('tell where a test is written', () => {
    const [own] = load().declared;
    expect(own?.method).toEqual({ className: 'Base', method: 'own' });
    expect(own?.declaredAt.stack).not.toMatch(/decorators\.ts/);
  });

  test('leave the class and its methods as they are', () => {
    const { Derived } = load().exports as { Derived: new () => { increase(): number; first(): unknown } };
    expect([Derived.name, new Derived().increase()]).toEqual(['Derived', 1]);
  });

  test('take a method whose name is a symbol or a text', async () => {
    const source = `import { ktstrTest, ktstrDefaults } from 'ktstr';
      const KEY = Symbol('key');
      @ktstrDefaults() class A { @ktstrTest() [KEY]() { return 1; } @ktstrTest() 'two words'() { return 2; } }`;
    const { root, declared } = loadFile(compile(source));
    expect(outline(root)).toEqual(['A > Symbol(key)', 'A > two words']);
    expect(await callAll(declared)).toEqual([1, 2]);
  });

  test.each([
    { name: 'a static method', member: '@ktstrTest() static body() {}', error: 'test-not-on-instance' },
    { name: 'a decorator without parentheses', member: '@ktstrTest body() {}', error: 'decorator-not-called' },
    { name: 'a focus without parentheses', member: '@ktstrTest.only body() {}', error: 'decorator-not-called' },
  ])('refuse $name, which would be a test that never runs', ({ member, error }) => {
    const source = `import { ktstrTest, ktstrDefaults } from 'ktstr'; @ktstrDefaults() class A { ${member} }`;
    const expected = { code: error, fields: { test: expect.stringMatching(/body$/) } };
    expect(() => loadFile(compile(source))).toThrow(expect.objectContaining(expected));
  });
});

describe.each(STANDARD)('standard decorators of $compiler', ({ compile }) => {
  const WITHOUT_CLASS_DECORATOR = `import { ktstrTest } from 'ktstr'; class Bare { @ktstrTest() method() {} }`;

  test('leave a test whose class has no decorator out of the tree, but not unseen', async () => {
    const { root, declared } = loadFile(compile(WITHOUT_CLASS_DECORATOR));
    expect(outline(root)).toEqual([]);
    expect(declared).toMatchObject([{ subject: 'method' }]);
    await expect(declared[0]?.body(CTX)).rejects.toMatchObject({ code: 'class-undecorated' });
  });

  test('refuse a private method', () => {
    const source = `import { ktstrTest } from 'ktstr'; class A { @ktstrTest() #body() {} }`;
    expect(() => loadFile(compile(source))).toThrow(expect.objectContaining({ code: 'test-not-on-instance' }));
  });
});

test('ktstrTest() says so when a compiler gives its standard decorators no metadata, as older drafts had it', () => {
  const context = { kind: 'method', name: 'method', static: false, private: false } as ClassMethodDecoratorContext;
  expect(() => ktstrTest()(() => undefined, context)).toThrow(
    expect.objectContaining({ code: 'decorator-metadata', fields: { test: 'method' } }),
  );
});

test('ktstrTest() and ktstrDefaults() work as standard decorators of TypeScript, which gives metadata only where there is a symbol for it', () => {
  const { root, declared } = loadFile(compileWithTypeScript(FILE));
  expect(outline(root)).toEqual(expect.arrayContaining(['Base > own', 'Derived > focused (only)', 'Last > first']));
  expect(optionsOf(declared)['Last.first']).toEqual({ llcs: 2, cores: 3, seed: 2, threads: 2 });
});

describe('ktstrTest() as a function', () => {
  const load = (options = {}) =>
    loadFile(
      `const { ktstrTest } = require('ktstr');
      ktstrTest('one', { llcs: 2 }, (ctx) => ctx);
      describe('block', () => { ktstrTest.only('two', {}, () => undefined); ktstrTest.skip('three', {}, () => undefined); });`,
      options,
    );

  test('declares tests where it is called', async () => {
    const { root, declared } = load();
    expect(outline(root)).toEqual(['one', 'block > two (only)', 'block > three (skip)']);
    expect(optionsOf(declared)).toEqual({ one: { llcs: 2 }, two: {}, three: {} });
    expect(await declared[0]?.body(CTX)).toBe(CTX);
  });

  test('refuses to declare without the ktstr environment, and says how to get it', () => {
    expect(() => load({ hasRegistrar: false })).toThrow(
      expect.objectContaining({ code: 'no-registrar', fields: { test: 'one' } }),
    );
  });
});
