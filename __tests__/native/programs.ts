import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { nativeProgram, packageRoot } from '../../src/package-root';

/** Brings the native programs up to date, then gives the path of one. */
export function builtProgram(name: string): string {
  execFileSync('make', ['-C', join(packageRoot(), 'native'), '-s'], { stdio: ['ignore', 'pipe', 'pipe'] });
  return nativeProgram(name);
}
