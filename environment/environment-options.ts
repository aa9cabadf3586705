import { z } from 'zod';

import { HarnessError } from '../src/errors';

const environmentOptionsSchema = z.object({
  ktstr: z
    .strictObject({
      decorators: z
        .enum(['legacy', 'standard'])
        .default('legacy')
        .describe('how test files are compiled for the guest; must be what compiles them for Jest'),
    })
    .prefault({}),
});

export type EnvironmentOptions = z.output<typeof environmentOptionsSchema>['ktstr'];

/** Options under the key `ktstr` of Jest's `testEnvironmentOptions`. @throws {HarnessError} `options-invalid` */
export function parseEnvironmentOptions(options: unknown): EnvironmentOptions {
  const parsed = environmentOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data.ktstr;
  const issues = parsed.error.issues.map((issue) => ({
    option: issue.path.join('.'),
    value: JSON.stringify(options),
    allowed: `decorators: 'legacy' or 'standard'`,
    example: `{ ktstr: { decorators: 'standard' } }`,
  }));
  throw new HarnessError('options-invalid', { subject: 'testEnvironmentOptions', issues });
}
