import { appendFileSync, writeFileSync } from 'node:fs';
import { cached } from '../../../initramfs/cache';

/**
 * Started by tests as a process of its own: `kind key behaviour log`. Each build adds a line to the log. A stuck build says that it has
 * begun and then never ends.
 */
const [kind = '', key = '', behaviour = '', log = ''] = process.argv.slice(2);

async function build(path: string): Promise<void> {
  appendFileSync(log, `${process.pid}\n`);
  writeFileSync(path, 'half');
  if (behaviour === 'stuck') {
    process.stdout.write('building\n');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  writeFileSync(path, 'whole');
}

void cached({ kind, key }, build).then((path) => process.stdout.write(path));
