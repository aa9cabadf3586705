import { beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ClosureOptions, type ElfClosure, elfClosure } from '../../../initramfs/elf-closure';
import { type ElfRecipe, makeElf } from './make-elf';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();
const loader = '/lib64/ld-test.so.2';

beforeEach(() => install({ [loader]: { soname: 'ld-test.so.2' } }));

/** Writes ELF files below the test's root. */
function install(files: Record<string, ElfRecipe>): void {
  temp.write(Object.fromEntries(Object.entries(files).map(([path, recipe]) => [path, makeElf(recipe)])));
}

function link(path: string, target: string): void {
  mkdirSync(dirname(temp.path(path)), { recursive: true });
  symlinkSync(target, temp.path(path));
}

/** The closure of an executable at /opt/app/bin/main that has the given dynamic section. */
function closureOf(main: ElfRecipe, options: ClosureOptions = {}): ElfClosure {
  install({ '/opt/app/bin/main': { interpreter: loader, ...main } });
  return elfClosure(temp.path('/opt/app/bin/main'), { root: temp.path(), guestPath: '/opt/app/bin/main', ...options });
}

/** Guest paths without the loader's. */
function libraries(closure: ElfClosure): string[] {
  return closure.files.map((file) => file.guestPath).filter((path) => path !== loader);
}

describe('elfClosure()', () => {
  test('is empty for a static file', () => {
    temp.write({ static: makeElf({}) });
    expect(elfClosure(temp.path('static'))).toEqual({ interpreter: null, files: [], libraryDirs: [] });
  });

  test('holds the loader, libraries and what those need, each once', () => {
    install({
      '/usr/lib/liba.so.1': { soname: 'liba.so.1', needed: ['libb.so.1', 'ld-test.so.2'] },
      '/usr/lib/libb.so.1': { soname: 'libb.so.1', needed: ['liba.so.1'] },
    });
    const closure = closureOf({ needed: ['liba.so.1', 'libb.so.1'] });
    expect(closure).toEqual({
      interpreter: loader,
      files: [loader, '/usr/lib/liba.so.1', '/usr/lib/libb.so.1'].map((guestPath) => ({
        guestPath,
        hostPath: temp.path(guestPath),
      })),
      libraryDirs: ['/usr/lib'],
    });
  });

  test('names a library as it is looked up and takes the content from where its links lead', () => {
    install({ '/usr/lib/liba.so.1.2.3': { soname: 'liba.so.1' } });
    link('/usr/lib/liba.so.1', 'liba.so.1.2.3');
    const file = { guestPath: '/usr/lib/liba.so.1', hostPath: temp.path('/usr/lib/liba.so.1.2.3') };
    expect(closureOf({ needed: ['liba.so.1'] }).files).toContainEqual(file);
  });

  test('does not look for a name that a loaded library has as its soname', () => {
    install({ '/usr/lib/libdev.so': { soname: 'libdev.so.7' }, '/lib/libdev.so.7': {} });
    expect(libraries(closureOf({ needed: ['libdev.so', 'libdev.so.7'] }))).toEqual(['/usr/lib/libdev.so']);
  });

  const places = ['/rpath', '/runpath', '/conf', '/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64'];

  test.each(places)('finds a library in %s when it is nowhere before', (place) => {
    const first = places.indexOf(place);
    const holders = places.slice(first).map((folder) => [`${folder}/liba.so`, {}] as const);
    install(Object.fromEntries(holders));
    temp.write({ '/etc/ld.so.conf': '/conf\n' });
    const main = place === '/rpath' ? { rpath: '/rpath' } : { runpath: '/runpath' };
    expect(libraries(closureOf({ needed: ['liba.so'], ...main }))).toEqual([`${place}/liba.so`]);
  });

  test('leaves RPATH out when there is a RUNPATH', () => {
    install({ '/old/liba.so': {}, '/new/liba.so': {} });
    expect(libraries(closureOf({ needed: ['liba.so'], rpath: '/old', runpath: '/new' }))).toEqual(['/new/liba.so']);
  });

  test('looks for what a library needs in the RPATH of the executable', () => {
    install({ '/r/liba.so': { needed: ['libb.so'] }, '/r/libb.so': {} });
    expect(libraries(closureOf({ needed: ['liba.so'], rpath: '/r' }))).toEqual(['/r/liba.so', '/r/libb.so']);
  });

  test.each([
    { name: 'the RUNPATH of the executable', main: { runpath: '/r' }, library: {} },
    {
      name: 'the RPATH of the executable when the library has a RUNPATH',
      main: { rpath: '/r' },
      library: { runpath: '/n' },
    },
  ])('does not look for what a library needs in $name', ({ main, library }) => {
    install({ '/r/liba.so': { needed: ['libb.so'], ...library }, '/r/libb.so': {}, '/usr/lib/libb.so': {} });
    expect(libraries(closureOf({ needed: ['liba.so'], ...main }))).toEqual(['/r/liba.so', '/usr/lib/libb.so']);
  });

  test('keeps what $ORIGIN finds beside the executable beside it in the guest', () => {
    temp.write({ '/opt/app/lib/libx.so': makeElf({ needed: ['liby.so'], runpath: '${ORIGIN}/deep' }) });
    temp.write({ '/opt/app/lib/deep/liby.so': makeElf({}) });
    const closure = closureOf({ needed: ['libx.so'], runpath: '$ORIGIN/../lib' }, { guestPath: '/bin/main' });
    expect(closure.files.slice(1)).toEqual([
      { guestPath: '/lib/libx.so', hostPath: temp.path('/opt/app/lib/libx.so') },
      { guestPath: '/lib/deep/liby.so', hostPath: temp.path('/opt/app/lib/deep/liby.so') },
    ]);
    expect(closure.libraryDirs).toEqual([]);
  });

  test('takes $ORIGIN from where the links to the executable lead', () => {
    install({ '/opt/app/lib/libx.so': {}, '/opt/app/bin/main': { needed: ['libx.so'], runpath: '$ORIGIN/../lib' } });
    link('/usr/bin/main', '../../opt/app/bin/main');
    const closure = elfClosure(temp.path('/usr/bin/main'), { root: temp.path(), guestPath: '/opt/app/bin/main' });
    expect(libraries(closure)).toEqual(['/opt/app/lib/libx.so']);
  });

  test('takes the variants of $LIB and $PLATFORM that exist', () => {
    install({ '/p/x86_64/lib64/liba.so': {} });
    expect(libraries(closureOf({ needed: ['liba.so'], runpath: '/p/$PLATFORM/${LIB}' }))).toEqual([
      '/p/x86_64/lib64/liba.so',
    ]);
  });

  test('takes a name with a slash as a path', () => {
    install({ '/opt/own/liba.so': {} });
    expect(libraries(closureOf({ needed: ['/opt/own/liba.so'] }))).toEqual(['/opt/own/liba.so']);
  });

  test('passes over files of another machine and files that are no ELF files', () => {
    install({ '/lib64/liba.so': { machine: 183 }, '/usr/lib64/liba.so': {} });
    temp.write({ '/lib/x86_64-linux-gnu/liba.so': 'INPUT ( /usr/lib/liba.a )' });
    expect(libraries(closureOf({ needed: ['liba.so'] }))).toEqual(['/usr/lib64/liba.so']);
  });

  test('reads ld.so.conf with includes, comments and old suffixes', () => {
    temp.write({
      '/etc/ld.so.conf': '# comment\ninclude ld.so.conf.d/*.conf\n/late # why\n',
      '/etc/ld.so.conf.d/b.conf': '/from-b=libc6\n',
      '/etc/ld.so.conf.d/a.conf': '/from-a\ninclude /etc/ld.so.conf\n',
      '/etc/ld.so.conf.d/c.txt': '/from-c\n',
    });
    install({ '/from-a/liba.so': {}, '/from-b/libb.so': {}, '/late/liba.so': {}, '/late/libl.so': {} });
    const closure = closureOf({ needed: ['liba.so', 'libb.so', 'libl.so'] });
    expect(libraries(closure)).toEqual(['/from-a/liba.so', '/from-b/libb.so', '/late/libl.so']);
    expect(closure.libraryDirs).toEqual(['/from-a', '/late', '/from-b']);
  });

  test('throws library-missing with the needing file, the name and every place', () => {
    install({
      '/usr/lib/liba.so': { needed: ['libgone.so.4'], runpath: '/r:relative' },
      '/lib64/libgone.so.4': { machine: 3 },
    });
    const tried: unknown = expect.arrayContaining([
      temp.path('/r/libgone.so.4'),
      `${temp.path('/lib64/libgone.so.4')} (not for this machine)`,
      temp.path('/usr/lib/libgone.so.4'),
    ]);
    const fields = { file: temp.path('/usr/lib/liba.so'), soname: 'libgone.so.4', tried };
    expect(() => closureOf({ needed: ['liba.so'] })).toThrow(
      expect.objectContaining({ code: 'library-missing', fields }),
    );
  });

  test('throws library-missing when the loader itself is not there', () => {
    const fields: unknown = expect.objectContaining({ soname: '/lib/ld-other.so' });
    expect(() => closureOf({ interpreter: '/lib/ld-other.so' })).toThrow(
      expect.objectContaining({ code: 'library-missing', fields }),
    );
  });

  test.each([
    { name: 'Node', command: process.execPath, args: ['-p', 'fs.readFileSync("/proc/self/maps","utf8")'] },
    { name: '/bin/cat', command: '/bin/cat', args: ['/proc/self/maps'] },
  ])('finds for $name just what its loader maps', ({ command, args }) => {
    const maps = execFileSync(command, args, { encoding: 'utf8', env: {} });
    const mapped = maps.match(/\/\S+\.so[.\d]*$/gm) ?? [];
    const found = elfClosure(command).files.map((file) => file.hostPath);
    expect(found.sort()).toEqual([...new Set(mapped.map((path) => realpathSync(path)))].sort());
  });
});
