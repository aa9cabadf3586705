import { readFileSync } from 'node:fs';

import { installRegistrar } from '../../../src/guest/registrar';
import { runOneTest } from '../../../src/guest/run-circus';
import { Waits } from '../../../src/guest/waits';
import * as ktstr from '../../../src/index';
import type { Ctx } from '../../../src/spec/declare/ctx';
import type { OneTest, OneTestOutcome } from './one-test';

/** Started by tests as a process of its own, for jest-circus has one run per process. It plays the guest's runtime without a guest. */
const { source, id, timeoutMs, hookTimeoutMs } = JSON.parse(readFileSync(0, 'utf8')) as Required<OneTest>;
const outcome: OneTestOutcome = { errors: [], log: [], results: [] };

installRegistrar({
  ctx: { seed: 7 } as Ctx,
  timeoutMs,
  waits: new Waits(),
  schedulerFailed: new Promise(() => undefined),
  onStart: () => outcome.log.push('start'),
  onResult: (result) => outcome.results.push(result),
});

function load(): void {
  // oxlint-disable-next-line typescript/no-implied-eval
  new Function('ktstr', 'log', source)(ktstr, (text: string) => outcome.log.push(text));
}

void runOneTest({ file: 'a.test.ts', occurrence: 0, ancestors: [], ...id }, load, hookTimeoutMs).then((errors) => {
  process.stdout.write(JSON.stringify({ ...outcome, errors }));
});
