import type { CpuidEntry } from './cpuid';

/** What KVM says that it supports, on hosts of many kinds: their own topology and caches are in it, as KVM passes them on. */

type Registers = Partial<Pick<CpuidEntry, 'eax' | 'ebx' | 'ecx' | 'edx'>>;

const NONE = { eax: 0, ebx: 0, ecx: 0, edx: 0 };
const leaf = (fn: number, registers: Registers): CpuidEntry => ({
  function: fn,
  index: 0,
  flags: 0,
  ...NONE,
  ...registers,
});
const subleaves = (fn: number, all: Registers[]): CpuidEntry[] =>
  all.map((registers, index) => ({ function: fn, index, flags: 1, ...NONE, ...registers }));

/** Hypervisor, x2APIC and SSE3; HTT and the FPU. The host's CPU 7 of 16 asked. */
const FEATURES = { ebx: 0x0710_0800, ecx: 0x8020_0001, edx: 0x1000_0001 };
const PMU = leaf(0xa, { eax: 0x0830_0804, edx: 0x603 });
const KVM_SIGNATURE = leaf(0x4000_0000, { eax: 0x4000_0001, ebx: 0x4b4d_564b, ecx: 0x564b_4d56, edx: 0x4d });
const HOST_TOPOLOGY = [
  { eax: 1, ebx: 2, ecx: 0x100, edx: 7 },
  { eax: 4, ebx: 16, ecx: 0x201, edx: 7 },
  { ecx: 2, edx: 7 },
];

/** Level, type (1 data, 2 instructions, 3 both) and host CPUs that share it, in the format of leaf 4. */
const cache = (level: number, type: number, shared: number): Registers => ({
  eax: ((63 << 26) | ((shared - 1) << 14) | (1 << 8) | (level << 5) | type) >>> 0,
  ...{ ebx: 0x01c0_003f, ecx: 0x3f, edx: 0 },
});
const TO_L2 = [cache(1, 1, 2), cache(1, 2, 2), cache(2, 3, 4)];
const TO_L3 = [...TO_L2, cache(3, 3, 64)];

const intelVendor = (max: number): CpuidEntry =>
  leaf(0, { eax: max, ebx: 0x756e_6547, edx: 0x4965_6e69, ecx: 0x6c65_746e });
const amdVendor = (max: number): CpuidEntry =>
  leaf(0, { eax: max, ebx: 0x6874_7541, edx: 0x6974_6e65, ecx: 0x444d_4163 });
const hygonVendor = (max: number): CpuidEntry =>
  leaf(0, { eax: max, ebx: 0x6f67_7948, edx: 0x6e65_476e, ecx: 0x656e_6975 });

const EXTENDED_INTEL = [
  leaf(0x8000_0000, { eax: 0x8000_0008 }),
  leaf(0x8000_0001, { ecx: 0x121, edx: 0x2c10_0800 }),
  leaf(0x8000_0008, { eax: 0x3034 }),
];

function extendedAmd(max: number, signature: number, l3: number): CpuidEntry[] {
  return [
    leaf(0x8000_0000, { eax: max }),
    leaf(0x8000_0001, { eax: signature, ecx: 0x1f3, edx: 0x2fd3_fbff }),
    leaf(0x8000_0006, { ecx: 0x0200_6140, edx: l3 }),
    leaf(0x8000_0008, { eax: 0x3030, ebx: 0x1000, ecx: 0x400f }),
  ];
}

const L3_OF_HOST = 0x0800_9140;

export const HOSTS: Record<string, CpuidEntry[]> = {
  'Intel with leaf 0x1F': [
    ...[intelVendor(0x20), leaf(1, { eax: 0x806f8, ...FEATURES }), ...subleaves(4, [...TO_L3, {}]), PMU],
    ...[...subleaves(0xb, HOST_TOPOLOGY), ...subleaves(0x1f, HOST_TOPOLOGY), KVM_SIGNATURE, ...EXTENDED_INTEL],
  ],
  'Intel without an L3': [
    ...[intelVendor(0xd), leaf(1, { eax: 0x506e3, ...FEATURES }), ...subleaves(4, TO_L2), PMU],
    ...[...subleaves(0xb, [{}]), KVM_SIGNATURE, ...EXTENDED_INTEL],
  ],
  'Intel that tells little': [intelVendor(4), leaf(1, { eax: 0x663, ...FEATURES, edx: 1 })],
  'AMD of Zen 4': [
    ...[amdVendor(0x10), leaf(1, { eax: 0xa1_0f11, ...FEATURES }), ...subleaves(0xb, HOST_TOPOLOGY), KVM_SIGNATURE],
    ...extendedAmd(0x8000_0021, 0xa1_0f11, L3_OF_HOST),
    ...[...subleaves(0x8000_001d, [...TO_L3, {}]), leaf(0x8000_001e, { eax: 7, ebx: 0x103, ecx: 1 })],
  ],
  'AMD with leaf 0x80000026': [
    ...[amdVendor(0x20), leaf(1, { eax: 0xb0_0f00, ...FEATURES }), ...subleaves(0x1f, HOST_TOPOLOGY)],
    ...extendedAmd(0x8000_0026, 0xb0_0f00, 0),
    ...[...subleaves(0x8000_001d, TO_L2), leaf(0x8000_001e, {}), ...subleaves(0x8000_0026, HOST_TOPOLOGY)],
  ],
  'AMD of Zen 1': [
    ...[amdVendor(0xd), leaf(1, { eax: 0x80_0f11, ...FEATURES })],
    ...[...extendedAmd(0x8000_001f, 0x80_0f11, L3_OF_HOST), ...subleaves(0x8000_001d, TO_L3)],
  ],
  'AMD of family 15h': [
    ...[amdVendor(0xd), leaf(1, { eax: 0x60_0f20, ...FEATURES })],
    ...[...extendedAmd(0x8000_001e, 0x60_0f20, L3_OF_HOST), leaf(0x8000_001e, { eax: 7, ebx: 0x103, ecx: 0x101 })],
  ],
  'AMD of family 10h': [
    ...[amdVendor(5), leaf(1, { eax: 0x10_0f43, ...FEATURES }), ...extendedAmd(0x8000_0008, 0x10_0f43, 0)],
  ],
  Hygon: [
    ...[hygonVendor(0xd), leaf(1, { eax: 0x90_0f01, ...FEATURES })],
    ...[...extendedAmd(0x8000_001f, 0x90_0f01, L3_OF_HOST), ...subleaves(0x8000_001d, TO_L3)],
  ],
  'AMD that tells little': [amdVendor(1)],
  'AMD that tells only of its largest leaves': [amdVendor(0x20), leaf(0x8000_0000, { eax: 0x8000_0026 })],
};
