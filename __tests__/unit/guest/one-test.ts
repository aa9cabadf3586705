import { afterAll, beforeAll } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleRuntime } from '../../../initramfs/bundle-runtime';
import type { GuestErrorData } from '../../../src/protocol/messages';
import type { TestId } from '../../../src/spec/declare/test-spec';
import type { AssertResult } from '../../../src/verdict/assert-result';

export interface OneTest {
  /** A test file in JavaScript, with `ktstr` and `log` besides Jest's globals. */
  source: string;
  id: Pick<TestId, 'title'> & Partial<TestId>;
  timeoutMs?: number;
  hookTimeoutMs?: number;
}

export interface OneTestOutcome {
  errors: GuestErrorData[];
  /** What the file said with `log`, and `start` where the registrar was told that the body starts. */
  log: string[];
  /** What the registrar was told that the body returned. */
  results: (AssertResult | null)[];
}

/** Runs one declared test of a file with the guest's runtime, in a process of its own. */
export function useOneTest(): (one: OneTest) => Promise<OneTestOutcome> {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ktstr-one-test-'));
    await bundleRuntime(join(__dirname, 'one-test-child.ts'), join(folder, 'child.js'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (one) =>
    new Promise((resolve, reject) => {
      const child = execFile(process.execPath, [join(folder, 'child.js')], { timeout: 10_000 }, (error, stdout) => {
        if (error) reject(new Error('the runtime did not come to its end', { cause: error }));
        else resolve(JSON.parse(stdout) as OneTestOutcome);
      });
      child.stdin?.end(JSON.stringify({ timeoutMs: 10_000, hookTimeoutMs: 10_000, ...one }));
    });
}
