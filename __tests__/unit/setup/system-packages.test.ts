import { expect, test } from '@jest/globals';
import { HarnessError } from '../../../src/errors';

const needs = [{ what: 'xz', why: 'unpacks modules' }];

test.each([
  [
    'the exact command where it is known',
    { needs, command: 'sudo apt-get install xz-utils' },
    'Run: sudo apt-get install xz-utils',
  ],
  ['what is needed elsewhere', { needs }, 'Install what brings them with the package manager of this system'],
])('the error system-packages-missing names %s', (_, fields, lastLine) => {
  const lines = new HarnessError('system-packages-missing', fields).message.split('\n');
  expect(lines).toEqual(['set up this machine: a program or file is missing', '  xz: unpacks modules', lastLine]);
});
