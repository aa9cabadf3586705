import { z } from 'zod';

import { HarnessError } from '../src/errors';
import { CONSOLE_ALLOW_HELP, consoleAllowSchema } from '../src/spec/declare/options';
import { renderValue } from '../src/spec/declare/render-value';
import { toAllowEntry } from '../src/spec/declare/resolve';
import type { ConsoleAllowEntry } from '../src/verdict/console/console-allow';

const ktstrOptionsSchema = z.strictObject({
  decorators: z
    .enum(['legacy', 'standard'])
    .default('legacy')
    .describe('how test files are compiled for the guest; must be what compiles them for Jest'),
  consoleAllow: consoleAllowSchema.default([]).describe('splats on the kernel console that are known, for every test'),
  kernels: z
    .array(z.string().regex(/\S/))
    .default([])
    .describe('kernels that every test runs with, each under a name of its own; KTSTR_KERNEL wins'),
});

const environmentOptionsSchema = z.object({ ktstr: ktstrOptionsSchema.prefault({}) });

const HELP: Readonly<Record<string, { allowed: string; example: string }>> = {
  decorators: { allowed: `'legacy' or 'standard'`, example: `{ ktstr: { decorators: 'standard' } }` },
  consoleAllow: { ...CONSOLE_ALLOW_HELP, example: `{ ktstr: { consoleAllow: ${CONSOLE_ALLOW_HELP.example} } }` },
  kernels: { allowed: 'a list of paths or releases', example: `{ ktstr: { kernels: ['6.12', '6.18'] } }` },
};

export interface EnvironmentOptions {
  decorators: 'legacy' | 'standard';
  consoleAllow: ConsoleAllowEntry[];
  /** Paths of kernel images, or releases of stored kernels. */
  kernels: string[];
}

/** Options under the key `ktstr` of Jest's `testEnvironmentOptions`. @throws {HarnessError} `options-invalid` */
export function parseEnvironmentOptions(options: unknown): EnvironmentOptions {
  const parsed = environmentOptionsSchema.safeParse(options);
  if (parsed.success) {
    const { consoleAllow, ...others } = parsed.data.ktstr;
    return { ...others, consoleAllow: consoleAllow.map(toAllowEntry) };
  }
  const issues = parsed.error.issues.map((issue) => ({
    option: issue.path.join('.'),
    value: renderValue(options),
    ...helpOf(issue.path[1]),
  }));
  throw new HarnessError('options-invalid', { subject: 'testEnvironmentOptions', issues });
}

function helpOf(name: PropertyKey | undefined): { allowed: string; example: string } {
  return HELP[String(name)] ?? { allowed: `an object with ${Object.keys(HELP).join(', ')}`, example: '{ ktstr: {} }' };
}
