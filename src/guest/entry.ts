import { appendFileSync } from 'node:fs';

import { GUEST_PATHS } from '../spec/declare/run-request';
import { runSession } from './session';

// The session replaces process.exit by one that reports.
const { exit } = process;

appendFileSync(GUEST_PATHS.early, `stage runtime ${process.hrtime.bigint()}\n`);

// A runtime that fails has no channel to say so; the early line reaches the host all the same. Leaving PID 1 then panics the kernel,
// which the host notices at once.
runSession().catch((error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  appendFileSync(GUEST_PATHS.early, `fault runtime ${JSON.stringify(text)}\n`);
  exit(1);
});
