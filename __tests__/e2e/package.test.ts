import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json';
import { pack } from '../readme/packed';

/** Chosen: it is 2,635,679, of which a seventh may come on top before somebody looks why. */
const MAX_BYTES = 3_000_000;

describe('npm pack', () => {
  test('takes what a user needs, with executable native programs, and nothing else', () => {
    using packed = pack();
    const paths = packed.files.map((file) => file.path);
    const needed = [
      ...['LICENSE', 'README.md', 'package.json', 'esm/index.mjs', 'esm/index.d.mts'],
      ...['dist/src/index.js', 'dist/src/index.d.ts', 'dist/environment/index.js', 'dist/environment/preset.js'],
      ...['dist/guest-runtime.js', manifest.bin.ktstr, 'kernel/sched_ext.config'],
    ];
    expect(paths).toEqual(expect.arrayContaining(needed));
    const isProduct =
      /^(LICENSE|kernel\/sched_ext\.config|README\.md|package\.json|esm\/.*|dist\/(src|environment|initramfs|setup)\/.*\.(js|d\.ts)|dist\/guest-runtime\.js|native\/build\/(bpf|guest|host)\/\w+(\.node|\.so)?)$/;
    expect(paths.filter((path) => !isProduct.test(path) || /(^|\/)__tests__\/|_(sample|test)$/.test(path))).toEqual([]);
    const native = packed.files.filter((file) => file.path.startsWith('native/'));
    expect(native.map((file) => file.path.replace('native/build/', '')).sort()).toEqual([
      ...['bpf/scx_ktstr', 'guest/init', 'guest/kit.node', 'guest/watchdog', 'guest/workers', 'host/kvm_probe'],
      ...[
        'host/libktstr_monitor.so',
        'host/libktstr_probe.so',
        'host/libktstr_turns.so',
        'host/libktstr_vmm.so',
        'host/tether',
        'host/tsc_khz',
      ],
    ]);
    expect(native.filter((file) => (file.mode & 0o111) === 0)).toEqual([]);
    expect(packed.sizeBytes).toBeLessThan(MAX_BYTES);
  });
});
