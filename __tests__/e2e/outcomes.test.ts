import { describe, expect, jest, test } from '@jest/globals';
import { E2E_TIMEOUT_MS, expectInOrder, expectStatuses, failureOf, runJest } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const expecting = `
  import { fail, inconclusive, ktstrTest } from 'ktstr';
  class Expecting {
    @ktstrTest({ expectFailure: 'test-failed' })
    kind() { throw new Error('as foreseen'); }

    @ktstrTest({ expectFailure: /as\\s+foreseen/ })
    pattern() { expect('something').toBe('as foreseen'); }

    @ktstrTest({ expectFailure: 'other' })
    check() { return fail('a check of its own'); }

    @ktstrTest({ expectFailure: 'body-exited' })
    otherKind() { throw new Error('but this came'); }

    @ktstrTest({ expectFailure: /as foreseen/ })
    otherText() { return fail('but this came'); }

    @ktstrTest({ expectFailure: 'test-failed' })
    passes() {}

    @ktstrTest({ expectFailure: 'test-failed' })
    inconclusive() { return inconclusive('too short'); }
  }`;

const returning = `
  import { fail, inconclusive, ktstrTest, mergeAssertResults, pass, skip } from 'ktstr';
  class Returning {
    @ktstrTest()
    async inconclusive() { return inconclusive('nothing to measure'); }

    @ktstrTest({ allowInconclusive: true })
    async allowed() { return inconclusive('nothing to measure'); }

    @ktstrTest()
    skips() { return skip('needs what this kernel lacks'); }

    @ktstrTest()
    failsTwice() { return mergeAssertResults([fail('the first check'), pass(), fail('the second check')]); }

    @ktstrTest({ hostOnly: true })
    onHost() { return fail('a check on the host'); }

    @ktstrTest({ hostOnly: true })
    skipsOnHost() { return skip('needs what this host lacks'); }
  }`;

describe('expectFailure', () => {
  test('accepts the failure that it names by kind or by pattern, and no other outcome', async () => {
    const run = await runJest({ 'a.test.ts': expecting });
    expectStatuses(run, {
      'Expecting kind': 'passed',
      'Expecting pattern': 'passed',
      'Expecting check': 'passed',
      'Expecting otherKind': 'failed',
      'Expecting otherText': 'failed',
      'Expecting passes': 'failed',
      'Expecting inconclusive': 'failed',
    });
    expect(failureOf(run, 'Expecting otherKind')).toMatch(
      /expected a failure of kind body-exited, but it failed otherwise \(test-failed\):\n(?:.*\n)*Error: but this came\n/,
    );
    expect(failureOf(run, 'Expecting otherText')).toMatch(
      /expected a failure matching \/as foreseen\/, but it failed otherwise \(check-failed, other\):\n(?:.*\n)*.*but this came/,
    );
    expect(failureOf(run, 'Expecting passes')).toContain('of kind test-failed, but the test came out as pass');
    expect(failureOf(run, 'Expecting inconclusive')).toContain('but the test came out as inconclusive');
    expectInOrder(run.stderr, [
      ...['● Expecting › otherKind', '> 14 |', 'at Expecting.otherKind (a.test.ts:14:25)\n\n'],
      ...['● Expecting › otherText', '> 16 |', 'at Expecting.otherText (a.test.ts:16:5)\n\n'],
      ...['● Expecting › passes', '> 19 |', 'at Expecting.passes (a.test.ts:19:5)\n\n'],
    ]);
  });
});

describe('the result that a body returns', () => {
  test('decides on the test: inconclusive needs allowInconclusive, skip skips with its reason, a failed check fails', async () => {
    const run = await runJest({ 'a.test.ts': returning });
    expectStatuses(run, {
      'Returning inconclusive': 'failed',
      'Returning allowed': 'passed',
      'Returning skips': 'pending',
      'Returning failsTwice': 'failed',
      'Returning onHost': 'failed',
      'Returning skipsOnHost': 'pending',
    });
    expect(failureOf(run, 'Returning inconclusive')).toContain(
      'inconclusive, which is not a pass (allowInconclusive accepts it):\nnothing to measure',
    );
    const skipped = run.stderr.slice(run.stderr.indexOf('console.warn'));
    expectInOrder(skipped, [
      ...[
        'Returning.skips is skipped: needs what this kernel lacks\n',
        '> 10 |',
        'at Returning.skips (a.test.ts:10:5)\n\n',
      ],
      ...['Returning.skipsOnHost is skipped: needs what this host lacks\n', '> 19 |', '(a.test.ts:19:5)\n\n'],
    ]);
    expect(failureOf(run, 'Returning failsTwice')).toMatch(
      /2 checks failed \[emulated .*\]\n\s+other: the first check\n\s+other: the second check\n/,
    );
    expect(failureOf(run, 'Returning onHost')).toContain('a check on the host');
  });
});

describe('a machine that is not there', () => {
  const files = {
    'a.test.ts': `
      import { ktstrTest } from 'ktstr';
      ktstrTest('needs a machine', {}, () => {});
      ktstrTest('needs another', { llcs: 2 }, () => {});
      ktstrTest('needs none', { hostOnly: true }, () => {});`,
  };

  test('skips its tests with one reason, and fails them when KTSTR_REQUIRE is 1', async () => {
    const skipped = await runJest(files, { env: { PATH: '/nonexistent', KTSTR_REQUIRE: undefined } });
    expectStatuses(skipped, { 'needs a machine': 'pending', 'needs another': 'pending', 'needs none': 'passed' });
    expect(skipped.exitCode).toBe(0);
    expect(skipped.stderr.match(/ktstr skips tests: .*/g)).toEqual([
      expect.stringContaining('qemu-system-x86_64 is not on PATH. Run: npx ktstr setup (KTSTR_REQUIRE=1 makes this'),
    ]);
    const required = await runJest(files, { env: { PATH: '/nonexistent' } });
    expectStatuses(required, { 'needs a machine': 'failed', 'needs another': 'failed', 'needs none': 'passed' });
    expect(failureOf(required, 'needs another')).toMatch(/qemu-system-x86_64 is not on PATH.*\n\s+at .*a\.test\.ts:4:/);
  });
});
