import { describe, expect, jest, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { E2E_TIMEOUT_MS, loadFailureOf, makeProject, runJest, startJest, expectStatuses } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const root = resolve(__dirname, '../..');

const ownTransform = {
  '\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true } } },
  ],
};

const inGuest = (name: string): string => `
  import { ktstrTest } from 'ktstr';
  class ${name} {
    @ktstrTest()
    isProcessOne() { expect(process.pid).toBe(1); }
  }`;

const docblock = `/** @jest-environment ktstr/environment */${inGuest('Docblock')}
  test('the host is not process one', () => expect(process.pid).not.toBe(1));`;

const ownBase = `
  const { TestEnvironment } = require('jest-environment-node');
  const { appendFileSync } = require('node:fs');
  const { withKtstr } = require('ktstr/environment');
  class Base extends TestEnvironment {
    constructor(config, context) {
      super(config, context);
      this.log = (line) => appendFileSync(config.projectConfig.rootDir + '/calls', line + '\\n');
    }
    async setup() { await super.setup(); this.global.fromBase = 'set by the base'; this.log('setup by ' + process.ppid); }
    async teardown() { this.log('teardown'); await super.teardown(); }
    handleTestEvent(event) { if (/^(run_start|test_fn_start|run_finish)$/.test(event.name)) this.log(event.name); }
  }
  module.exports = withKtstr(Base);`;

const onOwnBase = `${inGuest('OnBase')}
  test('sees what the base has set', () => expect(fromBase).toBe('set by the base'));`;

describe('ktstr/environment', () => {
  test('runs tests as preset with ES modules, as testEnvironment, by docblock and around an own environment, in projects with two workers', async () => {
    const project = (name: string, testEnvironment: string) => ({
      ...{ displayName: name, testEnvironment, transform: ownTransform },
      testMatch: [`<rootDir>/${name}/*.test.ts`],
    });
    const config = {
      projects: [
        { displayName: 'modules', preset: 'ktstr', rootDir: 'modules', extensionsToTreatAsEsm: ['.mts'] },
        project('configured', 'ktstr/environment'),
        project('docblock', 'node'),
        project('base', '<rootDir>/base.cjs'),
      ],
    };
    const files = {
      'modules/a.test.mts': `import { expect } from '@jest/globals';${inGuest('Module')}
          export const isModule = import.meta.url;`,
      'configured/a.test.ts': inGuest('Configured'),
      'docblock/a.test.ts': docblock,
      'docblock/plain.test.ts': `test('is without ktstr', () => expect(() => require('ktstr').ktstrTest('x', {}, () => {}))
          .toThrow('start the file with the docblock @jest-environment ktstr/environment'));`,
      'base/a.test.ts': onOwnBase,
      'base.cjs': ownBase,
    };
    using made = makeProject(files, { config });
    const started = startJest(made, { args: ['--maxWorkers=2'], env: { NODE_OPTIONS: '--experimental-vm-modules' } });
    const run = await started.finished;
    expectStatuses(run, {
      'Module isProcessOne': 'passed',
      'Configured isProcessOne': 'passed',
      'Docblock isProcessOne': 'passed',
      'the host is not process one': 'passed',
      'is without ktstr': 'passed',
      'OnBase isProcessOne': 'passed',
      'sees what the base has set': 'passed',
    });
    expect(run.exitCode).toBe(0);
    expect(made.read('calls').split('\n')).toEqual([
      ...[
        `setup by ${started.process.pid}`,
        'run_start',
        'test_fn_start',
        'test_fn_start',
        'run_finish',
        'teardown',
        '',
      ],
    ]);
  });

  test('names the option and its values when testEnvironmentOptions.ktstr is wrong', async () => {
    const config = { preset: 'ktstr', testEnvironmentOptions: { ktstr: { decorators: 'modern' } } };
    const run = await runJest({ 'a.test.ts': inGuest('A') }, { config });
    expect(run.exitCode).toBe(1);
    expect(loadFailureOf(run, 'a.test.ts')).toMatch(
      /testEnvironmentOptions: an option is not possible\s+ktstr.decorators: got .*"modern".*'legacy' or 'standard'/,
    );
  });
});

describe('require("ktstr")', () => {
  test('is importable by name from an ES module, statically and dynamically', () => {
    const names = ['CgroupDef', 'executeDefs', 'ktstrDefaults', 'ktstrTest', 'mergeAssertResults', 'skip'];
    using project = makeProject({
      'static.mjs': `import { ${names.join(', ')} } from 'ktstr';
        console.log(JSON.stringify([${names.join(', ')}].map((each) => typeof each)));`,
      'dynamic.cjs': `const { ktstrTest } = require('ktstr');
        import('ktstr').then((module) => console.log(module.ktstrTest === ktstrTest));`,
    });
    const node = (file: string) => {
      const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: project.dir, encoding: 'utf8' });
      return { stdout, stderr };
    };
    expect(node('static.mjs')).toEqual({
      stdout: '["function","function","function","function","function","function"]\n',
      stderr: '',
    });
    expect(node('dynamic.cjs')).toEqual({ stdout: 'true\n', stderr: '' });
  });

  test.each(['mts', 'cts'])('has types for a .%s file, in which a wrong option does not compile', (extension) => {
    using project = makeProject({
      [`a.${extension}`]: `import { ktstrTest, type Ctx } from 'ktstr';
        import { withKtstr } from 'ktstr/environment';
        export const wrapped: typeof Map = withKtstr as never;
        ktstrTest('right', { llcs: 2 }, (ctx: Ctx) => void ctx.topology.llcs);
        ktstrTest('wrong', { llcs: 'two' }, () => {});`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: { strict: true, noEmit: true, module: 'nodenext', skipLibCheck: true, types: [] },
      }),
    });
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc], { cwd: project.dir, encoding: 'utf8' });
    expect(stdout.match(/^a\.\w+\(\d+,\d+\): error.*$/gm)).toEqual([
      expect.stringMatching(/^a\.\w+\(5,\d+\): error TS2322: Type 'string' is not assignable to type 'number'/),
    ]);
  });
});
