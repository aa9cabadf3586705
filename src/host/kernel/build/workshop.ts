import { readFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError } from '../../../errors';
import { failingLines } from './failing-lines';
import { runInGroup } from './process-group';

export interface WorkshopStep {
  /** For the error text, e.g. `compile`. */
  stage: string;
  deadlineMs: number;
  cwd?: string;
  onLine?: (line: string) => void;
}

/** Variables that would make the kernel's build another one than is asked for. */
const FOREIGN_VARIABLES = [
  ...[
    'MAKEFLAGS',
    'MFLAGS',
    'MAKELEVEL',
    'MAKEFILES',
    'ARCH',
    'SRCARCH',
    'CROSS_COMPILE',
    'LLVM',
    'CC',
    'LD',
    'CFLAGS',
    'KCFLAGS',
  ],
  ...['O', 'V', 'W', 'C', 'KBUILD_OUTPUT', 'KCONFIG_CONFIG', 'KCONFIG_ALLCONFIG', 'LOCALVERSION', 'INSTALL_PATH'],
];

/** The same source, configuration and compiler give the same image, whoever builds it and when. */
const REPRODUCIBLE = {
  ...{ LC_ALL: 'C', KBUILD_BUILD_USER: 'ktstr', KBUILD_BUILD_HOST: 'ktstr', KBUILD_BUILD_VERSION: '1' },
  KBUILD_BUILD_TIMESTAMP: 'Thu Jan 1 00:00:00 UTC 1970',
};

/** A private folder in which one kernel is built, with the log of it. */
export class Workshop {
  /** Where the source is unpacked. */
  readonly source: string;
  /** Where configuration and objects go. */
  readonly out: string;
  /** Where compilers put what lies between their passes: it goes with the folder when they are killed. */
  readonly #temporary: string;
  readonly #log: string;

  constructor(
    readonly folder: string,
    private readonly about: { source: string; keptLog: string },
  ) {
    this.source = join(folder, 'source');
    this.out = join(folder, 'out');
    this.#temporary = join(folder, 'tmp');
    this.#log = join(folder, 'log');
  }

  async open(): Promise<void> {
    await mkdir(this.source, { recursive: true });
    await mkdir(this.out);
    await mkdir(this.#temporary);
  }

  async make(tree: string, args: readonly string[], step: WorkshopStep): Promise<void> {
    await this.run('make', ['-C', tree, `O=${this.out}`, ...args], step);
  }

  /** @throws HarnessError `kernel-build-failed` with the lines that say why and the path of the log, which is kept */
  async run(command: string, args: readonly string[], step: WorkshopStep): Promise<void> {
    const { stage, deadlineMs, cwd = this.folder, onLine } = step;
    const request = { command, args, cwd, env: buildEnvironment(this.#temporary), deadlineMs, log: this.#log };
    const reason = await runInGroup(onLine === undefined ? request : { ...request, onLine });
    if (reason === undefined) return;
    const { source, keptLog } = this.about;
    await copyFile(this.#log, keptLog);
    const lines = failingLines(readFileSync(this.#log, 'utf8'));
    throw new HarnessError('kernel-build-failed', { source, stage, reason, lines, log: keptLog });
  }
}

function buildEnvironment(temporary: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN_VARIABLES.includes(name));
  return { ...Object.fromEntries(own), ...REPRODUCIBLE, TMPDIR: temporary };
}
