import { expect, test } from '@jest/globals';

import { chooseEntries } from '../../../bench/choose-entries';

const NAMES = ['boot.emulated', 'monitor.drgn', 'monitor.dump', 'monitors'];

test.each([
  { only: ['monitor'], chosen: ['monitor.drgn', 'monitor.dump'] },
  { only: ['monitor.dump', 'boot'], chosen: ['boot.emulated', 'monitor.dump'] },
  { only: ['monitors', 'monitor', 'monitor.drgn'], chosen: ['monitor.drgn', 'monitor.dump', 'monitors'] },
  { only: ['boot', 'monit'], chosen: { unknown: 'monit' } },
  { only: ['monitor.'], chosen: { unknown: 'monitor.' } },
])('chooseEntries() of $only is $chosen', ({ only, chosen }) => {
  expect(chooseEntries(NAMES, only)).toEqual(chosen);
});
