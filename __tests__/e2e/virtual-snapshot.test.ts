import { expect, jest, test } from '@jest/globals';

import { E2E_TIMEOUT_MS, expectStatuses, failureOf, makeProject, startJest } from './run-jest';

jest.setTimeout(2 * E2E_TIMEOUT_MS);

const NAME = 'VirtualTime reports';

const source = (kernelArgs: string): string => `
import { CgroupDef, executeDefs, ktstrTest, type Ctx } from 'ktstr';
import { expect } from '@jest/globals';

class VirtualTime {
  @ktstrTest({
    machine: 'deterministic', cores: 2, durationMs: 50, kernelArgs: ${kernelArgs},
    after: ({ workers }) => {
      expect(workers).toHaveLength(2);
      expect(workers).toMatchSnapshot();
    },
  })
  async reports(ctx: Ctx) {
    return executeDefs(ctx, [CgroupDef.named('cg_0').workers(2)]);
  }
}
`;

test('a snapshot of all worker reports holds in a second run, and one of another image says that the image differs', async () => {
  using project = makeProject({ 'virtual.test.ts': source('[]') });
  expectStatuses(await startJest(project, { args: ['--ci=false'] }).finished, { [NAME]: 'passed' });
  const written = project.read('__snapshots__/virtual.test.ts.snap');
  expect(written).toMatch(/ktstr image [0-9a-f]{16}\n/);
  expect(written.match(/"wallTimeNs": \d{7,}/g)).toHaveLength(2);

  const second = await startJest(project, { args: ['--ci'] }).finished;
  expectStatuses(second, { [NAME]: 'passed' });
  expect(project.read('__snapshots__/virtual.test.ts.snap')).toBe(written);

  project.write({ 'virtual.test.ts': source(`['ktstr.another=1']`) });
  const other = await startJest(project, { args: ['--ci'] }).finished;
  expectStatuses(other, { [NAME]: 'failed' });
  const failure = failureOf(other, NAME);
  const [, then] = /ktstr image ([0-9a-f]{16})/.exec(written) ?? [];
  expect(failure).toContain(`it was taken with image ${then}, this run used image `);
  expect(failure).toContain('jest -u');
  expect(failure).toMatch(/virtual\.test\.ts:10:/);
});
