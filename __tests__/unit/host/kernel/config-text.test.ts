import { describe, expect, test } from '@jest/globals';
import { configFacts, configHash, configValues } from '../../../../src/host/kernel/config-text';

const CONFIG = `#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.12.117 Kernel Configuration
#
CONFIG_CC_VERSION_TEXT="gcc (Debian 12.2.0-14+deb12u1) 12.2.0"
CONFIG_SCHED_CLASS_EXT=y
CONFIG_HZ=1000
# CONFIG_MODULES is not set
`;

describe('configValues()', () => {
  test('reads what is set', () => {
    expect([...configValues(CONFIG)]).toEqual([
      ['CC_VERSION_TEXT', '"gcc (Debian 12.2.0-14+deb12u1) 12.2.0"'],
      ['SCHED_CLASS_EXT', 'y'],
      ['HZ', '1000'],
    ]);
  });
});

describe('configHash()', () => {
  test('is the same for the same options, whatever the comments and the order', () => {
    expect(configHash(CONFIG.split('\n').reverse().join('\n'))).toBe(configHash(CONFIG));
    expect(configHash(CONFIG.replace(/^#.*\n/gm, ''))).toBe(configHash(CONFIG));
    expect(configHash(CONFIG.replace('1000', '250'))).not.toBe(configHash(CONFIG));
  });
});

describe('configFacts()', () => {
  test('tells sched_ext and BTF', () => {
    expect(configFacts(CONFIG)).toMatchObject({ schedExt: true, btf: false });
  });
});
