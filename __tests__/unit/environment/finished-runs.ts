import type { GuestRun } from '../../../src/host/machine/guest-run';
import type { TestOptions } from '../../../src/spec/declare/options';
import { resolveOptions } from '../../../src/spec/declare/resolve';
import type { TestSpec } from '../../../src/spec/declare/test-spec';
import { RUN_STAGES, type RunResult } from '../../../src/verdict/run-result';
import { guestTopology } from '../spec/scenario/guest-topologies';

/** What options come to when they are resolved. */
export function specOf(options: TestOptions = {}): TestSpec {
  const resolved = resolveOptions(options);
  if ('issues' in resolved) throw new TypeError(JSON.stringify(resolved.issues));
  return resolved.spec;
}

/** A guest of which nothing was seen but that it powered off. */
export function guestRun(changes: Partial<GuestRun> = {}): GuestRun {
  return {
    messages: {},
    schedulers: new Map(),
    seenAtMs: new Map(),
    loop: null,
    vmcoreinfoGpa: null,
    faults: [],
    stop: null,
    exit: { kind: 'poweroff' },
    consoleText: '',
    droppedBytes: 0,
    endedAtMs: 0,
    ...changes,
  };
}

export const HELLO = {
  protocolVersion: 1,
  kernelRelease: '6.12.0',
  clockSource: 'tsc',
  topology: guestTopology({ llcs: 1, cores: 2 }),
  stages: [],
};

export const TEST_START = { name: 'body', atNs: 1 };

/** A run that passed, of the default topology. */
export function runResult(changes: Partial<RunResult> = {}): RunResult {
  return {
    ...{ outcome: 'pass', details: [], stats: [], workers: [] },
    ...{ test: 'Fairness split', failure: null, errors: [], machine: 'emulated', seed: 0, image: 'abc' },
    ...{
      kernelRelease: '6.12.0',
      clockSource: 'tsc',
      topology: HELLO.topology,
      console: '',
      splats: [],
      monitor: null,
      samples: [],
      dump: null,
      dumpFile: null,
    },
    ...{ scheduler: 'eevdf', schedulers: [] },
    stages: Object.fromEntries(RUN_STAGES.map((stage) => [stage, 0])) as RunResult['stages'],
    wallTimeMs: 0,
    peakMemoryKib: 0,
    ...changes,
  };
}
