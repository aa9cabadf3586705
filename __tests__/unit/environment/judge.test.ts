import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../environment/judge';
import type { TestOptions } from '../../../src/spec/declare/options';
import type { AssertDetail } from '../../../src/verdict/assert-result';
import type { Splat } from '../../../src/verdict/console/console-allow';
import type { RunResult } from '../../../src/verdict/run-result';
import { runResult, specOf } from './finished-runs';

const detail = (kind: AssertDetail['kind'], outcome: AssertDetail['outcome']): AssertDetail => ({
  kind,
  outcome,
  message: `${kind} says so`,
});

const FAILED = runResult({
  outcome: 'fail',
  failure: 'check-failed',
  details: [detail('unfair', 'fail'), detail('stuck', 'pass')],
});
const SKIPPED = runResult({ outcome: 'skip', details: [detail('skip', 'skip'), detail('other', 'pass')] });
const INCONCLUSIVE = runResult({ outcome: 'inconclusive', details: [detail('other', 'inconclusive')] });

const SPLAT: Splat = {
  ...{ kind: 'warning', title: 'WARNING in f', line: 'WARNING: at f', lineNumber: 7 },
  ...{ context: [], expired: null },
};

const judgeWith = (options: TestOptions, result: RunResult) => judge(result, specOf(options), 'spread of 40 points');

describe('judge()', () => {
  test.each<{ name: string; result: RunResult; options?: TestOptions; judgement: object }>([
    { name: 'accepts a pass', result: runResult(), judgement: { kind: 'accepted' } },
    {
      name: 'refuses a failure with its text',
      result: FAILED,
      judgement: { kind: 'refused', text: 'spread of 40 points' },
    },
    {
      name: 'gives the reason of a skip, but not what passed',
      result: SKIPPED,
      judgement: { kind: 'skipped', reason: 'skip says so' },
    },
    {
      name: 'gives a reason for a skip without one',
      result: runResult({ outcome: 'skip' }),
      judgement: { kind: 'skipped', reason: 'no reason was given' },
    },
    {
      name: 'refuses what is inconclusive and says how to accept it',
      result: INCONCLUSIVE,
      judgement: { kind: 'refused', text: expect.stringMatching(/allowInconclusive[^]*other says so/) },
    },
    {
      name: 'accepts what is inconclusive where that is allowed',
      result: INCONCLUSIVE,
      options: { allowInconclusive: true },
      judgement: { kind: 'accepted' },
    },
    {
      name: 'refuses a failure where inconclusive is allowed',
      result: FAILED,
      options: { allowInconclusive: true },
      judgement: { kind: 'refused' },
    },
  ])('$name', ({ result, options = {}, judgement }) => {
    expect(judgeWith(options, result)).toMatchObject(judgement);
  });

  test.each<TestOptions>([
    { expectFailure: 'unfair' },
    { expectFailure: 'check-failed' },
    { expectFailure: /spread of \d+/ },
    { expectFailure: /SPREAD/i },
  ])('accepts a failure that $expectFailure expects', (options) => {
    expect(judgeWith(options, FAILED)).toEqual({ kind: 'accepted' });
  });

  test.each<{ name: string; result: RunResult }>([
    { name: 'only', result: runResult({ outcome: 'fail', failure: 'kernel-splat', splats: [SPLAT] }) },
    { name: 'beside another failure', result: { ...FAILED, splats: [SPLAT] } },
  ])('accepts an expected splat that is there $name', ({ result }) => {
    expect(judgeWith({ expectFailure: 'kernel-splat' }, result)).toEqual({ kind: 'accepted' });
  });

  test.each<TestOptions>([
    { expectFailure: 'kernel-splat' },
    { expectFailure: 'starved' },
    // A check of this kind was made, and passed.
    { expectFailure: 'stuck' },
    { expectFailure: /gap of \d+/ },
    { expectFailure: /SPREAD/ },
  ])('refuses a failure other than $expectFailure, naming what it was', (options) => {
    const text = expect.stringMatching(/check-failed, unfair[^]*spread of 40 points/);
    expect(judgeWith(options, FAILED)).toEqual({ kind: 'refused', text });
  });

  test.each([runResult(), SKIPPED, INCONCLUSIVE])('refuses $outcome where a failure is expected', (result) => {
    const judgement = judgeWith({ expectFailure: 'unfair' }, result);
    expect(judgement).toEqual({ kind: 'refused', text: expect.stringContaining(`came out as ${result.outcome}`) });
  });
});
