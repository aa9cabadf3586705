import { HarnessError } from '../src/errors';
import type { Ctx, SchedulerHandle } from '../src/spec/declare/ctx';
import type { Declared } from '../src/spec/declare/registrar';
import type { TestSpec } from '../src/spec/declare/test-spec';
import { judge, type Judgement } from './judge';

const refuse = (call: string) => (): Promise<never> =>
  Promise.reject(new HarnessError('guest-only', { what: `ctx.scheduler.${call}` }));

const NO_SCHEDULER: SchedulerHandle = {
  current: null,
  ops: null,
  attach: refuse('attach'),
  detach: refuse('detach'),
  restart: refuse('restart'),
  replace: refuse('replace'),
};

/** Runs the body of a `hostOnly` test in Jest's sandbox. There is no guest, so its topology is empty and scenario calls refuse to run. */
export async function runOnHost(declared: Declared, spec: TestSpec): Promise<Judgement> {
  const { durationMs, workersPerCgroup, seed, thresholds } = spec;
  const topology = { cpus: [], llcs: [], cores: [], nodes: [] };
  const ctx: Ctx = { topology, durationMs, workersPerCgroup, seed, thresholds, scheduler: NO_SCHEDULER };
  const result = await declared.body(ctx);
  if (!result) return { kind: 'accepted' };
  const text = result.details.map((detail) => `  ${detail.kind}: ${detail.message}`).join('\n');
  return judge({ ...result, failure: null }, spec, `${result.outcome}\n${text}`);
}
