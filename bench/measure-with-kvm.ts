import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { runWithKvm } from '../nested/run-with-kvm';
import { packageRoot } from '../src/package-root';
import type { BenchReport, BenchResult } from './bench-report';

const DEADLINE_MS = 60 * 60_000;

/** Measures an entry where KVM is: this program, run again in an emulated machine. @throws {Error} when that ends badly */
export async function measureWithKvm(entry: string, progress: (text: string) => void): Promise<BenchResult[]> {
  const output = join(packageRoot(), '.ktstr/kvm-bench');
  const file = join(output, 'bench.json');
  const code = await runWithKvm({
    argv: [process.execPath, join(packageRoot(), 'dist/bench/main.js'), '--only', entry, '--json', file],
    // Its table is part of the one here.
    out: new Writable({ write: (_chunk, _encoding, done) => done() }),
    ...{ output, deadlineMs: DEADLINE_MS, note: progress },
  });
  if (code !== 0) throw new Error(`${entry} ended with code ${code}`);
  return (JSON.parse(readFileSync(file, 'utf8')) as BenchReport).results;
}
