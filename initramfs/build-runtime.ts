import { join } from 'node:path';

import { bundleRuntime } from './bundle-runtime';

// Part of the package's build: the guest runtime is bundled once per version.
const root = join(__dirname, '../..');
void bundleRuntime(join(root, 'src/guest/entry.ts'), join(root, 'dist/guest-runtime.js'));
