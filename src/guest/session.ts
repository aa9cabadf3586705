import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';
import { compileFunction } from 'node:vm';

import * as surface from '../index';
import { PROTOCOL_VERSION, type GuestErrorData, type StageMark } from '../protocol/messages';
import { GUEST_PATHS, type RunRequest } from '../spec/declare/run-request';
import type { GuestTopology } from '../spec/topology/guest-topology';
import type { AssertResult } from '../verdict/assert-result';
import { Channel } from './channel';
import { watchDepartures } from './departure';
import { makeGuestCtx } from './engine/guest-ctx';
import { makeConsole } from './guest-console';
import { loadKit, type GuestKit } from './guest-kit';
import { readTopology } from './read-topology';
import { Reaper } from './reaper';
import { installRegistrar } from './registrar';
import { jestGlobals, runOneTest } from './run-circus';
import { startScheduler, type TestScheduler } from './scheduler/test-scheduler';
import { armSpotter, disarmSpotter } from './spotter';
import { Waits } from './waits';
import { topologyMismatch } from '../spec/topology/topology-mismatch';
import { scaledMs } from '../spec/time-scale';

/** JavaScript outside the body (file level, hooks) may take this long before it counts as looping. */
const LOAD_BUDGET_MS = scaledMs(30_000);
/** The body's own timer fires first; only a loop that lets no timer fire gets this far. */
const LOOP_GRACE_MS = scaledMs(1_500);

/** The whole life of the guest's runtime: announce, run one test, report, power off. */
export async function runSession(): Promise<void> {
  const stages: StageMark[] = [];
  const mark = (stage: string): void => void stages.push({ stage, atNs: nowNs() });
  mark('runtime');
  const kit = loadKit(GUEST_PATHS.kit);
  const request = JSON.parse(readFileSync(GUEST_PATHS.request, 'utf8')) as RunRequest;
  const channel = await Channel.open(GUEST_PATHS.port);
  const topology = readTopology();
  channel.send({
    kind: 'hello',
    protocolVersion: PROTOCOL_VERSION,
    kernelRelease: release(),
    clockSource: clockSource(),
    topology,
    stages,
  });
  if (topologyMismatch(request.spec.topology, topology) !== null) kit.powerOff();
  watchDepartures((departure) => {
    channel.send({ kind: 'departure', ...departure });
    return kit.powerOff();
  });
  await runTest({ request, channel, topology, kit });
  kit.powerOff();
}

interface Session {
  request: RunRequest;
  channel: Channel;
  topology: GuestTopology;
  kit: GuestKit;
}

async function runTest(session: Session): Promise<void> {
  const { spec } = session.request;
  using _reaper = new Reaper(session.kit);
  const { channel } = session;
  globalThis.console = makeConsole((entry) => channel.send({ kind: 'console', ...entry, atNs: nowNs() }));
  armSpotter(LOAD_BUDGET_MS);
  const scheduler = await startScheduler(spec, session);
  const outcome = scheduler.isReady ? await runBody(session, scheduler) : NOT_RUN;
  armSpotter(LOAD_BUDGET_MS);
  const { runs, errors } = await scheduler.finish();
  disarmSpotter();
  const { assertResult } = outcome;
  const stages = [{ stage: 'end', atNs: nowNs() }];
  channel.send({ kind: 'result', errors: [...outcome.errors, ...errors], assertResult, schedulers: runs, stages });
}

interface BodyOutcome {
  errors: GuestErrorData[];
  assertResult: AssertResult | null;
}

const NOT_RUN: BodyOutcome = { errors: [], assertResult: null };

async function runBody({ request, channel, topology }: Session, scheduler: TestScheduler): Promise<BodyOutcome> {
  const { spec, test } = request;
  const timeoutMs = scaledMs(spec.timeoutMs);
  const waits = new Waits();
  let assertResult: AssertResult | null = null;
  installRegistrar({
    ctx: makeGuestCtx({ spec, topology, channel, scheduler: scheduler.control, waits }),
    timeoutMs,
    waits,
    schedulerFailed: scheduler.control.failed,
    onStart: () => {
      channel.send({ kind: 'testStart', name: test.title, atNs: nowNs() });
      armSpotter(timeoutMs + LOOP_GRACE_MS);
    },
    onResult: (result) => {
      assertResult = result;
      armSpotter(LOAD_BUDGET_MS);
    },
  });
  const errors = await runOneTest(test, loadBundle, timeoutMs);
  return { errors, assertResult };
}

/** Evaluates the test bundle as a CommonJS module whose `ktstr` and `@jest/globals` are those of this runtime. */
function loadBundle(): void {
  const code = readFileSync(GUEST_PATHS.bundle, 'utf8');
  const nodeRequire = createRequire(GUEST_PATHS.bundle);
  const provided: Record<string, unknown> = { ktstr: surface, '@jest/globals': jestGlobals };
  const requireInGuest = (id: string): unknown => provided[id] ?? nodeRequire(id);
  const module = { exports: {} };
  const parameters = ['module', 'exports', 'require', '__filename', '__dirname'];
  const load = compileFunction(code, parameters, { filename: GUEST_PATHS.bundle });
  load(module, module.exports, requireInGuest, GUEST_PATHS.bundle, '/ktstr');
}

function clockSource(): string {
  return readFileSync('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'utf8').trim();
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}
