import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askedOptions, checkOptions, REQUIRED_OPTIONS } from '../../../../../src/host/kernel/build/required-options';
import { configValues } from '../../../../../src/host/kernel/config-text';
import { ROOT } from '../../../../readme/snippets';
import { readKconfig } from './kconfig-texts';

const FRAGMENT = readFileSync(join(ROOT, 'kernel/sched_ext.config'), 'utf8');

/** The shipped fragment as if all of it were set, but for some options. */
function without(...options: string[]): string {
  return FRAGMENT.replace(new RegExp(`^CONFIG_(${options.join('|')})=.*\n`, 'gm'), '');
}

const refusal = (...missing: { option: string; because: unknown }[]) =>
  expect.objectContaining({
    code: 'kernel-config-incomplete',
    fields: { missing: missing.map((each) => expect.objectContaining(each)) },
  });

describe('REQUIRED_OPTIONS', () => {
  test('are all set by the fragment of this package', () => {
    const values = configValues(FRAGMENT);
    const unset = REQUIRED_OPTIONS.flatMap(({ anyOf }) => anyOf).filter((option) => values.get(option) !== 'y');
    expect(unset).toEqual([]);
  });
});

describe('checkOptions()', () => {
  test('accepts a configuration with all of them', () => {
    expect(() => checkOptions(FRAGMENT, [], readKconfig)).not.toThrow();
  });

  test('accepts one of two buses', () => {
    expect(() => checkOptions(without('VIRTIO_MMIO'), [], readKconfig)).not.toThrow();
  });

  test.each([
    [
      'its unmet dependency',
      without('SCHED_CLASS_EXT', 'BPF_JIT'),
      [
        { option: 'CONFIG_BPF_JIT', because: 'this source has no BPF_JIT' },
        {
          option: 'CONFIG_SCHED_CLASS_EXT',
          because: 'it depends on BPF_SYSCALL && BPF_JIT && DEBUG_INFO_BTF, and BPF_JIT is not set',
        },
      ],
    ],
    [
      'the unset option of the block around it',
      without('PVH', 'HYPERVISOR_GUEST'),
      [{ option: 'CONFIG_PVH', because: 'it depends on HYPERVISOR_GUEST, and HYPERVISOR_GUEST is not set' }],
    ],
    [
      'that nothing sets it when its dependencies are met',
      without('SCHED_CLASS_EXT'),
      [{ option: 'CONFIG_SCHED_CLASS_EXT', because: expect.stringContaining('all that it depends on is set') }],
    ],
    [
      'that it is a module',
      `${without('VIRTIO_CONSOLE')}CONFIG_VIRTIO_CONSOLE=m\n`,
      [{ option: 'CONFIG_VIRTIO_CONSOLE', because: expect.stringContaining('it is a module') }],
    ],
  ])('names a missing option and %s', (_, config, missing) => {
    expect(() => checkOptions(config, [], readKconfig)).toThrow(refusal(...missing));
  });

  test('names an option of a fragment that the final configuration lacks', () => {
    const asked = askedOptions([{ path: 'mine.config', text: 'CONFIG_SCHED_CORE=y\n' }]);
    expect(() => checkOptions(without('SCHED_CORE', 'SCHED_SMT'), asked, readKconfig)).toThrow(
      refusal({
        option: 'CONFIG_SCHED_CORE=y',
        because: 'it depends on SCHED_SMT, and SCHED_SMT is not set',
      }),
    );
  });
});

describe('askedOptions()', () => {
  test('takes the last fragment, and nothing that is switched off', () => {
    const fragments = [
      { path: 'a', text: 'CONFIG_ONE=y\nCONFIG_TWO=y\nCONFIG_HZ=100\n' },
      { path: 'b', text: '# CONFIG_ONE is not set\nCONFIG_TWO=n\nCONFIG_HZ=250\n' },
    ];
    expect(askedOptions(fragments)).toEqual([{ option: 'HZ', value: '250', fragment: 'b' }]);
  });
});
