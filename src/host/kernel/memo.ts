import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface MemoKey {
  cacheDir: string;
  /** What is remembered of which thing, e.g. `digest <path>`. */
  subject: string;
  /** Changes whenever the value may have changed, e.g. size and time of a file. */
  stamp: string;
}

/** Remembers a computed JSON value on disk. `isValid` may refuse a remembered one, e.g. because a file it names is gone. */
export async function memoised<T>(
  key: MemoKey,
  compute: () => Promise<T>,
  isValid?: (value: T) => boolean,
): Promise<T> {
  const file = join(key.cacheDir, 'kernel-facts', `${createHash('sha256').update(key.subject).digest('hex')}.json`);
  const known = recall<T>(file, key);
  if (known !== undefined && (isValid?.(known.value) ?? true)) return known.value;
  const value = await compute();
  remember(file, { subject: key.subject, stamp: key.stamp, value });
  return value;
}

interface Entry<T> {
  subject: string;
  stamp: string;
  value: T;
}

function recall<T>(file: string, key: MemoKey): Entry<T> | undefined {
  try {
    const entry = JSON.parse(readFileSync(file, 'utf8')) as Entry<T>;
    return entry.subject === key.subject && entry.stamp === key.stamp ? entry : undefined;
  } catch {
    // Not there, or not readable as ours: computing again gives the same value.
    return undefined;
  }
}

function remember(file: string, entry: Entry<unknown>): void {
  const temporary = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, JSON.stringify(entry));
    renameSync(temporary, file);
  } catch {
    // A cache that cannot be written costs time, not correctness.
    if (existsSync(temporary)) rmSync(temporary);
  }
}
