import { spawnSync } from 'node:child_process';

import { expect, test } from '@jest/globals';

import { builtProgram } from '../programs';

test('init refuses to run as any process but the first', () => {
  const { status, stderr } = spawnSync(builtProgram('guest/init'), { encoding: 'utf8' });

  expect({ status, stderr }).toEqual({ status: 1, stderr: 'init: runs as process 1 only\n' });
});
