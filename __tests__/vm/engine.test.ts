import { describe, expect, jest, test } from '@jest/globals';

import type { AssertResult } from '../../src/verdict/assert-result';
import type { Thresholds } from '../../src/verdict/thresholds';
import { MACHINE_TIMEOUT_MS, runBody, type InlineRun } from './inline-test';

jest.setTimeout(MACHINE_TIMEOUT_MS);

/** Helpers of the bodies. `seen` is what a body found out, for the host to judge. */
const TOP = `
const root = '/sys/fs/cgroup';
const pidsOf = (name) => fs.readFileSync(root + '/ktstr/' + name + '/cgroup.procs', 'utf8').trim().split('\\n').map(Number);
const isMade = (path) => fs.existsSync(root + '/' + path);
const commandOf = (pid) => { try { return fs.readFileSync('/proc/' + pid + '/comm', 'utf8').trim(); } catch { return null; } };
const processes = () => fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).flatMap((pid) => {
  try {
    const stat = fs.readFileSync('/proc/' + pid + '/stat', 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), command: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), state, parent: Number(parent) }];
  } catch { return []; }
});
const until = async (holds) => {
  const end = Date.now() + 10000;
  for (let found = holds(); ; found = holds()) {
    if (found || Date.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
// The first worker starts to work within a millisecond of the start signal.
const working = () => until(() => isMade('ktstr/cg/cgroup.procs') && pidsOf('cg').some((pid) => commandOf(pid) === 'SpinWait'
  && Number(fs.readFileSync('/proc/' + pid + '/schedstat', 'utf8').split(' ')[0]) > 20e6));
const failing = (run) => run.then(() => null, (error) => ({ code: error.code, message: error.message }));
const tell = (seen) => console.log(JSON.stringify(seen));
`;

function told<T>(run: InlineRun): T {
  const [entry] = run.printed;
  if (!entry) throw new Error(`the body told nothing: ${run.text}`);
  return JSON.parse(entry.message) as T;
}

describe('executeDefs()', () => {
  const PERMISSIVE = {
    ...{ notStuck: true, isolation: true, maxGapMs: 60_000, maxSpreadPct: 100, maxThroughputCv: 1000 },
    ...{ minWorkRate: 0.001, minIterationRate: 0.001, maxMigrationRatio: 1e9 },
  } satisfies Thresholds;

  test('keeps each of two cgroups to its cpuset, passes checks that permit all, and leaves no cgroup behind', async () => {
    const body = `
const run = executeDefs(ctx, [
  CgroupDef.named('left').workers(2).cpuset(Cpuset.llc(0)),
  CgroupDef.named('outer/right').workers(3).cpuset(Cpuset.llc(1)),
]);
await until(() => isMade('ktstr/outer/right/cgroup.procs') && pidsOf('outer/right').length === 3);
const cpusets = ['left', 'outer/right'].map((name) => fs.readFileSync(root + '/ktstr/' + name + '/cpuset.cpus', 'utf8').trim());
const result = await run;
tell({ cpusets, isLeft: isMade('ktstr'), workers: processes().filter(({ command }) => /SpinWait|workers/.test(command)) });
return result;`;
    const run = await runBody(body, { llcs: 2, cores: 2, durationMs: 500, ...PERMISSIVE }, TOP);

    expect({ failure: run.result.failure, details: run.result.details, text: run.text }).toEqual({
      ...{ failure: null, details: [], text: '' },
    });
    expect(told(run)).toEqual({ cpusets: ['0-1', '2-3'], isLeft: false, workers: [] });
    const { workers, stats, outcome } = run.result;
    expect(outcome).toBe('pass');
    expect(workers.map(({ cgroup, index }) => `${cgroup} ${index}`)).toEqual([
      ...['left 0', 'left 1', 'outer/right 0', 'outer/right 1', 'outer/right 2'],
    ]);
    for (const worker of workers) {
      const allowed = worker.cgroup === 'left' ? [0, 1] : [2, 3];
      expect(allowed).toEqual(expect.arrayContaining(worker.cpusUsed));
      expect(worker.exit).toEqual({ kind: 'completed' });
      expect(worker.offCpuNs).toBe(Math.max(0, worker.wallTimeNs - worker.cpuTimeNs));
      expect(worker.wallTimeNs / 500e6).toBeGreaterThan(0.9);
      expect(worker.workUnits).toBe(1024 * worker.iterations);
    }
    expect(stats.map(({ cgroup, workers: count }) => ({ cgroup, count }))).toEqual([
      { cgroup: 'left', count: 2 },
      { cgroup: 'outer/right', count: 3 },
    ]);
    expect(run.run.messages.stepEnd?.iterations).toBeGreaterThan(0);
  });

  /** Bounds that no run meets, each with the kind of detail that says so. */
  const IMPOSSIBLE: [Thresholds, string][] = [
    [{ maxGapMs: 1e-6 }, 'stuck'],
    [{ maxSpreadPct: 0 }, 'unfair'],
    [{ maxThroughputCv: 0 }, 'benchmark'],
    [{ minWorkRate: 1e15 }, 'benchmark'],
    [{ minIterationRate: 1e15 }, 'benchmark'],
    [{ maxMigrationRatio: 0 }, 'migration'],
    [{ isolation: true }, 'isolation'],
    [{}, 'worker-died'],
  ];

  test('fails every check whose bound is impossible or that finds what it looks for, and no other', async () => {
    const body = `
const outcomes = [];
for (const thresholds of ${JSON.stringify(IMPOSSIBLE.map(([thresholds]) => thresholds))}) {
  const run = executeDefs({ ...ctx, thresholds }, [CgroupDef.named('cg').workers(3).cpuset(Cpuset.exact(0))], Hold.fixed(400));
  await working();
  if (thresholds.isolation || thresholds.maxMigrationRatio === 0) fs.writeFileSync(root + '/ktstr/cg/cpuset.cpus', '1');
  if (Object.keys(thresholds).length === 0) process.kill(pidsOf('cg')[1], 'SIGKILL');
  outcomes.push(await run);
}
tell({ outcomes, isLeft: isMade('ktstr') });
return outcomes.at(-1);`;
    const run = await runBody(body, { cores: 2 }, TOP);

    const { outcomes, isLeft } = told<{ outcomes: AssertResult[]; isLeft: boolean }>(run);
    expect(isLeft).toBe(false);
    const found = outcomes.map(({ outcome, details }, index) => ({
      thresholds: IMPOSSIBLE[index]?.[0],
      outcome,
      kinds: [...new Set(details.map((detail) => detail.kind))],
    }));
    expect(found).toEqual(IMPOSSIBLE.map(([thresholds, kind]) => ({ thresholds, outcome: 'fail', kinds: [kind] })));
    // One of the workers at least had been on its CPU before.
    expect(outcomes[6]?.details.map(({ message }) => message).join('\n')).toMatch(
      /ran on cpu 1 \(moved to cpu 1 .*\), outside of its cpuset: cpu 0$/m,
    );
    expect(outcomes[7]?.workers.map((worker) => worker.exit)).toEqual([
      { kind: 'completed' },
      { kind: 'signaled', signal: 9 },
      { kind: 'completed' },
    ]);
    expect(run.result.failure).toBe('check-failed');
    expect(run.text).toMatch(/1 check failed .*\n {2}worker-died: worker 1 .* was killed by signal 9 \(SIGKILL\)/);
  });

  test('removes its cgroups and workers at once when its kit is killed, and refuses a cpuset that the machine has not', async () => {
    const body = `
const tooMany = await failing(executeDefs(ctx, [CgroupDef.named('cg').cpuset(Cpuset.disjoint(0, 2))]));
const isMadeForNothing = isMade('ktstr');
const ends = [];
for (let round = 0; round < 4; round++) {
  const run = failing(executeDefs(ctx, [CgroupDef.named('cg').workers(4)], Hold.fixed(3_600_000)));
  await working();
  process.kill(processes().find(({ command, parent }) => command === 'workers' && parent === 1).pid, 'SIGKILL');
  const { code, message } = await run;
  const isLeft = isMade('ktstr');
  ends.push({ code, message, isLeft, areDead: await until(() => processes().every(({ command }) => command !== 'SpinWait')) });
}
tell({ tooMany, isMadeForNothing, ends });`;
    const run = await runBody(body, { cores: 1, timeoutMs: 60_000 }, TOP);

    const end = { code: 'worker-kit-gone', message: expect.stringContaining('SIGKILL'), isLeft: false, areDead: true };
    expect(told(run)).toEqual({
      tooMany: {
        code: 'options-invalid',
        message: expect.stringContaining('cg.cpuset.of: got 2, allowed is at most 1'),
      },
      isMadeForNothing: false,
      ends: [end, end, end, end],
    });
  });
});

test('process 1 reaps the orphans that a body leaves', async () => {
  const body = `
// The shell leaves its background jobs behind.
childProcess.execFileSync('sh', ['-c', 'for i in 1 2 3; do sleep 0.5 & done'], { stdio: 'ignore' });
const orphans = await until(() => {
  const found = processes().filter(({ command, parent, state }) => command === 'sleep' && parent === 1 && state !== 'Z');
  return found.length === 3 && found;
});
const areGone = await until(() => orphans.every(({ pid }) => commandOf(pid) === null));
const zombies = await until(() => processes().every(({ state }) => state !== 'Z')) ? [] : processes();
const own = childProcess.spawnSync('sh', ['-c', 'exit 7']).status;
tell({ orphans: orphans.length, areGone, zombies, own });`;
  const run = await runBody(body, { includeFiles: ['/bin/sh', '/bin/sleep'], timeoutMs: 60_000 }, TOP);

  expect(told(run)).toEqual({ orphans: 3, areGone: true, zombies: [], own: 7 });
});
