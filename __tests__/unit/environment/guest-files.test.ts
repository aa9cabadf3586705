import { describe, expect, test } from '@jest/globals';
import { includeManifest, suffixEntries } from '../../../environment/guest-files';
import type { ImageEntry } from '../../../initramfs/image-entry';
import { withLibraries } from '../../../initramfs/manifest';
import { useTempFolder } from '../initramfs/temp-folder';
import { specOf } from './finished-runs';

const temp = useTempFolder();
const NODE: ImageEntry = { kind: 'file', guestPath: '/ktstr/node', hostPath: process.execPath, mode: 0o755 };

describe('includeManifest()', () => {
  test('is empty without files', () => {
    expect(includeManifest([], '/project', [NODE])).toEqual({ entries: [], libraryDirs: [] });
  });

  test('puts files by their base name where PATH finds them, from paths relative to the project', () => {
    temp.write({ 'tools/probe.sh': '#!/bin/sh\n', 'other/data': 'x' });
    const paths = ['tools/probe.sh', temp.path('other/data')];
    expect(includeManifest(paths, temp.path(), [NODE])).toEqual({
      entries: [
        { kind: 'file', guestPath: '/include-files/probe.sh', hostPath: temp.path('tools/probe.sh'), mode: 0o755 },
        { kind: 'file', guestPath: '/include-files/data', hostPath: temp.path('other/data'), mode: 0o755 },
      ],
      libraryDirs: [],
    });
  });

  test('brings the libraries of a program along, but none that the base has', () => {
    const include = (base: ImageEntry[]): string[] =>
      includeManifest([process.execPath], '/project', base).entries.map((entry) => entry.guestPath);
    const libraries = withLibraries([NODE]).entries.slice(1);
    expect(libraries.length).toBeGreaterThan(0);
    expect(include([])).toEqual(['/include-files/node', ...libraries.map((entry) => entry.guestPath)]);
    expect(include([NODE])).toEqual(['/include-files/node']);
  });
});

describe('suffixEntries()', () => {
  test('hold what the guest runs, the included files, and the environment with every library folder once', () => {
    const test = { file: 'a.test.ts', ancestors: [], title: 't', occurrence: 0 };
    const request = { test, spec: specOf() };
    const included: ImageEntry = { kind: 'directory', guestPath: '/include-files', mode: 0o755 };
    const entries = suffixEntries({
      request,
      bundle: 'code',
      includes: { entries: [included], libraryDirs: ['/lib/a', '/lib/b'] },
      schedulers: { entries: [], libraryDirs: ['/lib/s'] },
      libraryDirs: ['/lib/a', '/lib/node'],
      timeScale: 1,
    });
    const contents = new Map(
      entries.flatMap((e) => (e.kind === 'content' ? [[e.guestPath, String(e.content)]] : [])) as [string, string][],
    );
    expect(JSON.parse(contents.get('/ktstr/request.json') ?? '')).toEqual(request);
    expect(contents.get('/ktstr/test.js')).toBe('code');
    const environment = (contents.get('/ktstr/env') ?? '').split('\n');
    expect(environment).toContain('LD_LIBRARY_PATH=/lib/a:/lib/node:/lib/b:/lib/s');
    expect(environment.find((line) => line.startsWith('PATH='))).toMatch(/^PATH=\/include-files:.*:\/bin$/);
    expect(environment.at(-1)).toBe('');
    expect(environment.join(' ')).not.toContain('KTSTR_TIME_SCALE');
    expect(entries).toContainEqual(included);
  });

  test('tell a guest that is said to be slow how slow', () => {
    const nothing = { entries: [], libraryDirs: [] };
    const request = { test: { file: 'a.test.ts', ancestors: [], title: 't', occurrence: 0 }, spec: specOf() };
    const parts = { request, bundle: '', includes: nothing, schedulers: nothing, libraryDirs: [], timeScale: 2.5 };
    const environment = suffixEntries(parts).find(({ guestPath }) => guestPath === '/ktstr/env');
    expect(environment).toMatchObject({ content: expect.stringMatching(/^KTSTR_TIME_SCALE=2\.5$/m) });
  });
});
