import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json';
import { pack } from '../readme/packed';

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
    const programs = packed.files.filter((file) => file.path.startsWith('native/') && !/\.(node|so)$/.test(file.path));
    expect(programs.map((file) => file.path).sort()).toEqual([
      ...[
        'native/build/bpf/scx_ktstr',
        'native/build/guest/init',
        'native/build/guest/watchdog',
        'native/build/guest/workers',
      ],
      ...['native/build/host/kvm_probe', 'native/build/host/tether', 'native/build/host/tsc_khz'],
    ]);
    expect(programs.filter((file) => (file.mode & 0o111) === 0)).toEqual([]);
    expect(packed.sizeBytes).toBeLessThan(MAX_BYTES);
  });
});
