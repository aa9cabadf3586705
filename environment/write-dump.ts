import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FailureDump } from '../src/verdict/monitor/failure-dump';

const FOLDER = '.ktstr/dumps';
const MAX_NAME_CHARS = 120;

/**
 * Writes a dump below the project's folder, over the one of an earlier run of the same test. Where it is, relative to that folder; null where nothing can be written, as the run's result does not depend on it.
 */
export function writeDump({ rootDir, name }: { rootDir: string; name: string }, dump: FailureDump): string | null {
  const path = join(FOLDER, `${name.replace(/[^\w.-]+/g, '-').slice(0, MAX_NAME_CHARS)}.json`);
  try {
    mkdirSync(join(rootDir, FOLDER), { recursive: true });
    writeFileSync(join(rootDir, path), `${JSON.stringify(dump, null, 2)}\n`);
    return path;
  } catch {
    return null;
  }
}
