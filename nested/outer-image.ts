import { buildSuffix } from '../initramfs/suffix';
import type { ImageEntry } from '../initramfs/image-entry';
import { HarnessError } from '../src/errors';
import { nativeProgram } from '../src/package-root';

/** What runs in the outer machine, and where. All paths are the host's. */
export interface OuterProgram {
  /** A whole path comes first. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  folder: string;
  /** What is written in here comes back. */
  sharedFolder: string;
}

/** The archive that the outer machine boots from: init, modules, and what init is to run. Everything else comes from the host. */
export function outerImage(program: OuterProgram, modules: readonly string[]): Buffer {
  const paths = modules.map((_, index) => `/ktstr/modules.d/${index}.ko`);
  const entries: ImageEntry[] = [
    { kind: 'file', guestPath: '/init', hostPath: nativeProgram('nested/init'), mode: 0o755 },
    ...modules.map((hostPath, index) => ({
      kind: 'file' as const,
      guestPath: paths[index] ?? '',
      hostPath,
      mode: 0o644,
    })),
    lines('/ktstr/modules', paths),
    lines('/ktstr/shared', [program.sharedFolder]),
    lines('/ktstr/folder', [program.folder]),
    lines('/ktstr/argv', program.argv),
    lines(
      '/ktstr/env',
      Object.entries(program.env).map(([name, value]) => `${name}=${value}`),
    ),
  ];
  return buildSuffix(entries).archive;
}

/** init takes one text per line. */
function lines(guestPath: string, texts: readonly string[]): ImageEntry {
  const broken = texts.find((text) => text === '' || text.includes('\n'));
  if (broken !== undefined) {
    const problem = `${JSON.stringify(broken)} is empty or has a line break, which a list of lines cannot hold`;
    throw new HarnessError('image-entry-invalid', { guestPath, problem });
  }
  return { kind: 'content', guestPath, mode: 0o644, content: texts.map((text) => `${text}\n`).join('') };
}
