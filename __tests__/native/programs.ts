import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { nativeProgram, packageRoot } from '../../src/package-root';

let isBuilt = false;

/** Brings the native programs up to date, once per test file, then gives the path of one. */
export function builtProgram(name: string): string {
  if (!isBuilt)
    execFileSync('make', ['-C', join(packageRoot(), 'native'), '-s'], { stdio: ['ignore', 'pipe', 'pipe'] });
  isBuilt = true;
  return nativeProgram(name);
}
