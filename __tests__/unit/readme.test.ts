import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import * as surface from '../../src/index';
import { WORK_TYPES } from '../../src/spec/workload/work-spec';
import { ROOT, readme, shellCommands, snippet, snippets } from '../readme/snippets';
import { OPTION_NAMES, listedOptions, withTables } from '../readme/tables';

const SOURCE_FOLDERS = ['src', 'environment', 'initramfs', 'setup'];

function sources(): string {
  const files = SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name)),
  );
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

function variables(text: string): string[] {
  return [...new Set(text.match(/\bKTSTR_[A-Z_]+\b/g))].sort();
}

describe('README', () => {
  test('has the tables that schema and failure texts give (UPDATE_README=1 writes them)', () => {
    const wanted = withTables(readme());
    if (process.env['UPDATE_README'] === '1') writeFileSync(join(ROOT, 'README.md'), wanted);
    expect(readme()).toBe(wanted);
  });

  test('lists every option in one table', () => {
    expect(listedOptions(readme()).sort()).toEqual([...OPTION_NAMES].sort());
  });

  test('shows the example as it is in the example project', () => {
    const name = 'examples/tests/fairness.test.ts';
    expect(snippet(name).code).toBe(readFileSync(join(ROOT, name), 'utf8'));
  });

  test('names every test file that it shows, and no two alike', () => {
    const names = snippets().flatMap(({ language, name }) => (language === 'ts' ? [name] : []));
    expect(names.filter((name) => !name.endsWith('.test.ts'))).toEqual([]);
    expect(names).toEqual([...new Set(names)]);
  });

  test.each([
    ['export', Object.keys(surface).filter((name) => !name.endsWith('HarnessError'))],
    ['cpuset', Object.keys(surface.Cpuset).map((name) => `Cpuset.${name}`)],
    ['hold', Object.keys(surface.Hold).map((name) => `Hold.${name}`)],
    ['work type', Object.keys(WORK_TYPES)],
  ])('names every %s', (_, names) => {
    const text = readme();
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  test('names the environment variables that the sources read, and no others', () => {
    expect(variables(readme())).toEqual(variables(sources()));
  });

  test('calls only npm scripts that there are', () => {
    const called = [...readme().matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name = '']) => name);
    const own = ['ci', 'install', 'pack', 'packages', 'registry'];
    expect(called).toEqual(expect.arrayContaining(['demo', 'test', 'check', 'bench', 'setup']));
    expect(called.filter((name) => !own.includes(name) && !(name in manifest.scripts))).toEqual([]);
  });

  test('names benchmarks, test tiers, the file of the package and the version of Node as they are', () => {
    const lines = shellCommands().join('\n');
    const [, benchmark = ''] = /--only (\S+)/.exec(lines) ?? [];
    expect(readFileSync(join(ROOT, 'bench/main.ts'), 'utf8')).toContain(`'${benchmark}':`);
    const [, tiers = ''] = /tiers: ([\w, ]+)/.exec(readme()) ?? [];
    expect(tiers.split(', ').sort()).toEqual(
      readdirSync(join(ROOT, '__tests__')).filter((name) => ['unit', 'native', 'vm', 'e2e'].includes(name)),
    );
    expect(manifest.engines.node).toBe(`>=${/Node \(([\d.]+) or later\)/.exec(readme())?.[1]}`);
    expect(lines).toContain(`/${manifest.name}-${manifest.version}.tgz`);
  });

  test.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'])('%s links to files that are there', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });
});

describe('CONTRIBUTING', () => {
  test('lists the benchmarks', () => {
    const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `([\w.-]+)` \|.*\|/gm)];
    const there = [...readFileSync(join(ROOT, 'bench/main.ts'), 'utf8').matchAll(/^ {2}'([\w.-]+)': \{ run: (.*)/gm)];
    expect(there.length).toBeGreaterThan(0);
    const onDemand = (lines: RegExpExecArray[], mark: RegExp): string[] =>
      lines.map(([line, name]) => `${name}${mark.test(line) ? ', only by name' : ''}`);
    expect(onDemand(listed, /only by name/)).toEqual(onDemand(there, /onDemand: true/));
  });

  test('lists the folders of the project', () => {
    const listed = [...readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| `([\w/]+)\/`/gm)];
    const folders = listed.map(([, folder = '']) => folder);
    expect(folders).toEqual(expect.arrayContaining(['environment', 'initramfs', 'native', 'src/spec', 'src/host']));
    expect(folders.filter((folder) => !existsSync(join(ROOT, folder)))).toEqual([]);
  });
});
