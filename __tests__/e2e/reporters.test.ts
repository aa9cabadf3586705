import { expect, jest, test } from '@jest/globals';
import { parseXml } from './parse-xml';
import { E2E_TIMEOUT_MS, makeProject, startJest } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const reported = `import { ktstrTest, skip } from 'ktstr';

class Reported {
  @ktstrTest()
  passes() { console.log('said <this> & "that"'); }

  @ktstrTest()
  asserts() {
    expect('<&\\u001b[31m]]>').toBe('50 %');
  }

  @ktstrTest()
  exits() {
    process.stdout.write('bell \\u0007 on the console\\n');
    process.exit(3);
  }

  @ktstrTest({ hostOnly: true })
  skips() { return skip('not here'); }
}
`;

const impossible = `import { ktstrTest } from 'ktstr';
ktstrTest('impossible', { llcs: 0 }, () => {});
`;

const config = {
  preset: 'ktstr',
  reporters: [['jest-junit', { includeConsoleOutput: 'true', reportTestSuiteErrors: 'true' }], 'github-actions'],
};

test('jest-junit writes well-formed XML and the github-actions reporter annotates the lines of the author', async () => {
  using project = makeProject({ 'reported.test.ts': reported, 'impossible.test.ts': impossible }, { config });
  const { stderr } = await startJest(project, { env: { GITHUB_ACTIONS: 'true' } }).finished;

  const report = parseXml(project.read('junit.xml'));
  expect(report.attributes).toMatchObject({ tests: '4', failures: '2', errors: '1' });
  const suite = report.children.find(({ attributes }) => attributes['name'] === 'Reported');
  const cases = suite?.children.filter(({ name }) => name === 'testcase') ?? [];
  const failure = (pattern: RegExp) => ({ name: 'failure', text: expect.stringMatching(pattern) });
  expect(cases).toMatchObject([
    { attributes: { name: 'Reported passes' }, children: [] },
    {
      attributes: { name: 'Reported asserts' },
      children: [
        failure(/^Error: .*\n\nExpected: "50 %"\nReceived: "<&\]\]>"\n\s+at Reported\.asserts .*reported\.test\.ts:9:/),
      ],
    },
    {
      attributes: { name: 'Reported exits' },
      children: [
        failure(
          /ended by process\.exit with code 3(?:.*\n)+\s+bell \uFFFD on the console\n(?:.*\n)+\s+at Reported\.exits .*reported\.test\.ts:15:/,
        ),
      ],
    },
    { attributes: { name: 'Reported skips' }, children: [{ name: 'skipped' }] },
  ]);
  for (const { attributes } of cases) expect(Number(attributes['time'])).toBeGreaterThanOrEqual(0);
  const output = suite?.children.find(({ name }) => name === 'system-out')?.text ?? '';
  expect((JSON.parse(output) as object[])[0]).toMatchObject({ type: 'log', message: 'said <this> & "that"' });
  const error = report.children.find(({ attributes }) => attributes['errors'] === '1')?.children[0]?.children[0];
  expect(error).toMatchObject({
    name: 'error',
    text: expect.stringContaining('llcs: got 0, allowed is a whole number'),
  });

  const annotations = [...stderr.matchAll(/^::(\w+) file=(.*?),line=(\d+),title=(.*?)::(.*)$/gm)];
  expect(annotations.map(([, type, file, line, title]) => ({ type, file, line, title }))).toEqual([
    { type: 'error', file: `${project.dir}/reported.test.ts`, line: '9', title: 'Reported › asserts' },
    { type: 'error', file: `${project.dir}/reported.test.ts`, line: '15', title: 'Reported › exits' },
  ]);
  expect(annotations.map(([, , , , , text]) => text)).toEqual([
    expect.stringContaining('%0A%0AExpected: "50 %25"%0AReceived: '),
    expect.stringContaining('the guest was ended by process.exit with code 3'),
  ]);
});
