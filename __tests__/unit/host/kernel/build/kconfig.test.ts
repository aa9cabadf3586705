import { describe, expect, test } from '@jest/globals';
import { dependenciesOf } from '../../../../../src/host/kernel/build/kconfig';
import { readKconfig } from './kconfig-texts';

describe('dependenciesOf()', () => {
  test.each([
    ['of the entry', 'SCHED_CLASS_EXT', [['BPF_SYSCALL && BPF_JIT && DEBUG_INFO_BTF']]],
    ['not of a help text', 'SCHED_CORE', [['SCHED_SMT']]],
    ['of the block around it', 'PVH', [['HYPERVISOR_GUEST']]],
    ['of the menu around it', 'VIRTIO_CONSOLE', [['HAS_IOMEM', 'TTY']]],
    ['over several lines', 'VIRTIO_MMIO', [['VIRTIO_MENU', 'HAS_IOMEM &&  \t\t   HAS_DMA']]],
    ['of the choice around it', 'DEBUG_INFO_DWARF5', [['DEBUG_KERNEL', '!ARCH_HAS_BROKEN_DWARF5']]],
    ['without any', 'HYPERVISOR_GUEST', [[]]],
    ['of no option that the tree does not know', 'NOT_AN_ENTRY', []],
  ])('reads dependencies %s', (_, symbol, expected) => {
    const found = dependenciesOf(symbol, readKconfig).map((list) => list.map((each) => each.trim()));
    expect(found).toEqual(expected);
  });
});
