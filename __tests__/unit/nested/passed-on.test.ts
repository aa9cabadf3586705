import { describe, expect, test } from '@jest/globals';

import { passedOn } from '../../../nested/passed-on';

describe('passedOn()', () => {
  test('keeps what says how tests run and where things are, and nothing else', () => {
    const kept = { PATH: '/bin', HOME: '/home/a', CI: 'true', KTSTR_REQUIRE: '1', LC_ALL: 'C' };
    expect(passedOn({ ...kept, NPM_TOKEN: 'secret', SSH_AUTH_SOCK: '/run/a' }, false)).toEqual(kept);
  });

  test('leaves out a value that does not fit into a line', () => {
    expect(passedOn({ KTSTR_X: 'a\nb' }, false)).toEqual({});
  });

  test.each([
    ['asks for colours on a terminal', {}, { FORCE_COLOR: '1' }],
    ['leaves the choice of colours to the caller', { FORCE_COLOR: '0' }, { FORCE_COLOR: '0' }],
    ['asks for none where none are wanted', { NO_COLOR: '1' }, { NO_COLOR: '1' }],
  ])('%s', (_, env, expected) => {
    expect(passedOn(env, true)).toEqual(expected);
  });
});
