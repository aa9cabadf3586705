import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

interface Row {
  file: string;
  imports: string;
  /** Undefined when the import is allowed. */
  refused?: string;
}

const rows: Row[] = [
  { file: 'src/errors.ts', imports: './spec/topology/topology', refused: 'errors stand below everything' },
  { file: 'src/index.ts', imports: './host/machine/machine', refused: 'public surface' },
  { file: 'src/index.ts', imports: '../environment/run-test', refused: 'public surface' },
  { file: 'src/index.ts', imports: '../initramfs/cpio', refused: 'public surface' },
  { file: 'src/index.ts', imports: 'koffi', refused: 'public surface' },
  { file: 'src/index.ts', imports: './spec/declare/decorators' },
  { file: 'src/stats/quantile.ts', imports: '../errors', refused: 'import nothing' },
  { file: 'src/stats/quantile.ts', imports: './mean' },
  { file: 'src/spec/topology/llc.ts', imports: '../../stats/mean', refused: 'import nothing' },
  { file: 'src/verdict/merge.ts', imports: '../protocol/messages', refused: 'verdict stands on' },
  { file: 'src/verdict/merge.ts', imports: '../spec/scenario/hold-spec', refused: 'verdict stands on' },
  { file: 'src/verdict/merge.ts', imports: '../guest/session', refused: 'verdict stands on' },
  { file: 'src/verdict/merge.ts', imports: '../host/machine/machine', refused: 'verdict stands on' },
  { file: 'src/verdict/merge.ts', imports: '../stats/mean' },
  { file: 'src/verdict/merge.ts', imports: '../spec/topology/topology' },
  { file: 'src/verdict/merge.ts', imports: '../errors' },
  { file: 'src/protocol/frame.ts', imports: '../spec/declare/test-spec', refused: 'protocol stands on' },
  { file: 'src/protocol/frame.ts', imports: '../host/machine/machine', refused: 'protocol stands on' },
  { file: 'src/protocol/frame.ts', imports: '../verdict/merge' },
  { file: 'src/protocol/frame.ts', imports: '../spec/topology/topology' },
  { file: 'src/spec/scenario/step.ts', imports: '../../guest/session', refused: 'both wings stand on spec' },
  { file: 'src/spec/scenario/step.ts', imports: '../../host/machine/machine', refused: 'both wings stand on spec' },
  { file: 'src/spec/scenario/step.ts', imports: '../../index', refused: 'both wings stand on spec' },
  { file: 'src/spec/scenario/step.ts', imports: 'zod', refused: 'options.ts and resolve.ts alone' },
  { file: 'src/spec/scenario/step.ts', imports: '../../verdict/thresholds' },
  { file: 'src/spec/declare/options.ts', imports: '../../host/kernel/find', refused: 'both wings stand on spec' },
  { file: 'src/spec/declare/options.ts', imports: 'zod' },
  { file: 'src/spec/declare/resolve.ts', imports: 'zod/v4' },
  { file: 'src/spec/declare/option-schema.ts', imports: 'zod' },
  { file: 'src/spec/declare/monitor-options.ts', imports: 'zod' },
  {
    file: 'src/spec/declare/monitor-options.ts',
    imports: '../../host/kernel/find',
    refused: 'both wings stand on spec',
  },
  { file: 'src/spec/declare/merge-options.ts', imports: 'zod', refused: 'options.ts and resolve.ts alone' },
  { file: 'src/guest/engine/step.ts', imports: '../../host/machine/machine', refused: 'inside the VM' },
  { file: 'src/guest/engine/step.ts', imports: '../../../environment/run-test', refused: 'inside the VM' },
  { file: 'src/guest/engine/step.ts', imports: '../../../initramfs/cpio', refused: 'inside the VM' },
  { file: 'src/guest/engine/step.ts', imports: '../../package-root', refused: 'inside the VM' },
  { file: 'src/guest/engine/step.ts', imports: 'koffi', refused: 'inside the VM' },
  { file: 'src/guest/engine/step.ts', imports: 'zod/mini', refused: 'options.ts and resolve.ts alone' },
  { file: 'src/guest/engine/step.ts', imports: '../../spec/scenario/hold-spec' },
  { file: 'src/host/kernel/find.ts', imports: '../../guest/session', refused: 'host wing reaches neither' },
  { file: 'src/host/kernel/find.ts', imports: '../../../environment/run-test', refused: 'host wing reaches neither' },
  { file: 'src/host/kernel/find.ts', imports: '../../../initramfs/cpio', refused: 'host wing reaches neither' },
  { file: 'src/host/kernel/store.ts', imports: '../../../initramfs/scratch' },
  { file: 'src/host/kernel/find.ts', imports: '../../../setup/packages', refused: 'only host/cli calls setup' },
  { file: 'src/host/kernel/find.ts', imports: '../native/library', refused: 'through host/machine and host/monitor' },
  { file: 'src/host/kernel/find.ts', imports: 'koffi', refused: 'through host/machine and host/monitor' },
  { file: 'src/host/kernel/find.ts', imports: '../../spec/topology/topology' },
  { file: 'src/host/cli/main.ts', imports: '../../../setup/setup' },
  { file: 'src/host/cli/main.ts', imports: '../../guest/session', refused: 'host wing reaches neither' },
  { file: 'src/host/cli/main.ts', imports: '../native/library', refused: 'through host/machine and host/monitor' },
  { file: 'src/host/machine/kvm/machine.ts', imports: '../../native/library' },
  { file: 'src/host/machine/kvm/machine.ts', imports: 'koffi', refused: 'only importer of koffi' },
  { file: 'src/host/monitor/sampler.ts', imports: '../native/library' },
  { file: 'src/host/monitor/sampler.ts', imports: '../machine/kvm/machine', refused: 'knows no machine' },
  { file: 'src/host/native/library.ts', imports: 'koffi' },
  { file: 'src/host/native/library.ts', imports: '../../guest/session', refused: 'host wing reaches neither' },
  { file: 'environment/run-test.ts', imports: '../src/host/machine/machine' },
  { file: 'environment/run-test.ts', imports: 'zod' },
  { file: 'environment/run-test.ts', imports: '../src/guest/session', refused: 'environment wires the host wing' },
  {
    file: 'environment/run-test.ts',
    imports: '../src/host/native/library',
    refused: 'environment wires the host wing',
  },
  { file: 'environment/run-test.ts', imports: '../setup/packages', refused: 'environment wires the host wing' },
  { file: 'initramfs/cpio.ts', imports: '../src/errors' },
  { file: 'initramfs/cpio.ts', imports: '../src/package-root' },
  { file: 'initramfs/cpio.ts', imports: '../src/protocol/messages', refused: 'from what it is given' },
  { file: 'initramfs/cpio.ts', imports: '../src/host/kernel/find', refused: 'from what it is given' },
  { file: 'initramfs/cpio.ts', imports: '../environment/run-test', refused: 'from what it is given' },
  { file: 'setup/packages.ts', imports: '../src/host/kernel/fetch' },
  { file: 'setup/packages.ts', imports: '../src/errors' },
  { file: 'setup/packages.ts', imports: '../src/host/machine/machine', refused: 'and src/host/kernel only' },
  { file: 'setup/packages.ts', imports: '../environment/run-test', refused: 'and src/host/kernel only' },
  { file: 'nested/main.ts', imports: '../src/host/machine/file-stream' },
  { file: 'nested/main.ts', imports: '../initramfs/suffix' },
  { file: 'nested/main.ts', imports: '../environment/kernel-command-line' },
  { file: 'nested/main.ts', imports: '../environment/run-test', refused: 'knows nothing of tests' },
  { file: 'nested/main.ts', imports: '../src/guest/session', refused: 'knows nothing of tests' },
  { file: 'nested/main.ts', imports: '../setup/packages', refused: 'knows nothing of tests' },
];

let project: string;
let complaints: Map<string, string>;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'ktstr-lint-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(project, '.oxlintrc.json'));
  for (const [file, ofFile] of byFile()) {
    mkdirSync(join(project, dirname(file)), { recursive: true });
    writeFileSync(join(project, file), ofFile.map((row) => `export { name } from '${row.imports}';\n`).join(''));
  }
  complaints = lint();
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

test.each(rows.filter((row) => row.refused !== undefined))('lint refuses $imports in $file', (row) => {
  expect(complaints.get(keyOf(row))).toContain(row.refused);
});

test.each(rows.filter((row) => row.refused === undefined))('lint accepts $imports in $file', (row) => {
  expect(complaints.get(keyOf(row))).toBeUndefined();
});

function byFile(): Map<string, Row[]> {
  const files = new Map<string, Row[]>();
  for (const row of rows) files.set(row.file, [...(files.get(row.file) ?? []), row]);
  return files;
}

/** A file holds one import per line, in the order of the table. */
function keyOf(row: Row): string {
  return `${row.file}:${(byFile().get(row.file) ?? []).indexOf(row) + 1}`;
}

interface Diagnostic {
  code: string;
  help: string;
  filename: string;
  labels: { span: { line: number } }[];
}

/** The help text of every refused import, by `file:line`. */
function lint(): Map<string, string> {
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], {
    cwd: project,
    timeout: 30_000,
  });
  const { diagnostics } = JSON.parse(stdout.toString()) as { diagnostics: Diagnostic[] };
  return new Map(
    diagnostics
      .filter((diagnostic) => diagnostic.code === 'eslint(no-restricted-imports)')
      .map((diagnostic) => [`${diagnostic.filename}:${diagnostic.labels[0]?.span.line}`, diagnostic.help]),
  );
}
