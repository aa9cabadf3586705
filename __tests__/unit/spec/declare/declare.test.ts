import { describe, expect, test } from '@jest/globals';
import { declaredOf, type TreeTest } from '../../../../src/spec/declare/identify';
import { runResult } from '../../environment/finished-runs';
import { loadFile, type LoadOptions } from './declaring-file';

const SOURCE = `
  const { ktstrTest } = require('ktstr');
  exports.seen = [];
  ktstrTest('one', { after: (result) => { exports.seen.push(result.image); } }, () => exports.seen.push('body'));`;

/** Calls what Jest was given for the only test of the file. */
async function callFirst(run: LoadOptions['run']): Promise<unknown> {
  const { root, exports } = loadFile(SOURCE, run ? { run } : {});
  await (root.children[0] as TreeTest & { fn: () => Promise<void> }).fn();
  return exports['seen'];
}

describe('register()', () => {
  test('gives Jest a function by which the declaration is found again', () => {
    const { root, declared } = loadFile(SOURCE);
    expect(declaredOf(root.children[0] as TreeTest)).toBe(declared[0]);
  });

  test('gives Jest one test per label, each of which the registrar runs and finds as its own', async () => {
    const ran: unknown[] = [];
    const run: LoadOptions['run'] = (declared) => {
      ran.push([declared.subject, declared.label]);
      return Promise.resolve(null);
    };
    const { root, declared } = loadFile(SOURCE, { run, labels: ['6.12.1', '6.18'] });
    const tests = root.children as (TreeTest & { fn: () => Promise<void> })[];
    for (const { fn } of tests) await fn();
    expect(tests.map(({ name }) => name)).toEqual(['one [6.12.1]', 'one [6.18]']);
    expect(tests.map(declaredOf)).toEqual(declared);
    expect(ran).toEqual([
      ['one', '6.12.1'],
      ['one', '6.18'],
    ]);
  });

  test('leaves the body to the registrar, and runs after() on the result that it gives', async () => {
    const ran: string[] = [];
    const seen = await callFirst((declared) => {
      ran.push(declared.subject);
      return Promise.resolve(runResult({ image: 'ab12' }));
    });
    expect([ran, seen]).toEqual([['one'], ['ab12']]);
  });

  test('runs no after() where there is no result, as in the guest', async () => {
    expect(await callFirst(() => Promise.resolve(null))).toEqual([]);
  });

  test('fails with what the registrar rejects with', async () => {
    await expect(callFirst(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
