import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { packageRoot } from '../../src/package-root';
import { onKvm } from '../native/vmm/kvm-kinds';

const ROOT = packageRoot();
const LIBRARY = join(ROOT, 'native/build/sanitized/libktstr_vmm.so');
/** All that run the library; a machine of each kind, its devices and its threads. */
const TESTS = 'native/vmm/(clocks|frames|memory|raw-guests|vcpus|virtqueue|watchpoints)';
/** Seen are 40 s; on a busy host several times that. */
const DEADLINE_MS = 500_000;

onKvm('the tests of the library of KVM machines pass on one that gcc has put its checks into', () => {
  execFileSync('make', ['-C', join(ROOT, 'native'), '-s', 'all', 'sanitize'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const preload = execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    'native',
    '--runInBand',
    '--testPathPatterns',
    TESTS,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, jest, {
    ...{ cwd: ROOT, encoding: 'utf8', timeout: DEADLINE_MS, killSignal: 'SIGKILL' },
    // It tells its counts here, not in those of the run that this test is a part of. Node gives back at its end what it still has only in
    // the eyes of the kernel.
    env: {
      ...process.env,
      PLAIN_LINE_FILE: '',
      JOURNAL_FILE: '',
      VMM_LIBRARY: LIBRARY,
      LD_PRELOAD: preload,
      ASAN_OPTIONS: 'detect_leaks=0',
    },
  });
  const findings = `${stdout}${stderr}`
    .split('\n')
    .filter((line) => /runtime error|ERROR: AddressSanitizer/.test(line));
  expect({ findings, status, stderr: status === 0 ? '' : stderr }).toEqual({ findings: [], status: 0, stderr: '' });
  // Not in a run that found no test.
  expect(Number(/(\d+) passed/.exec(stdout)?.[1])).toBeGreaterThan(40);
});
