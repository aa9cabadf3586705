import { cacheDir, storedKernels } from '../../src/host/kernel/store';
import { RUN_STAGES } from '../../src/verdict/run-result';
import { ratioOf, spreadOf, type BenchResult } from '../bench-report';
import { EMPTY_BODY, runFixture, specOf, type FixtureRun } from '../run-fixture';
import { makePeerInitrd, runPeer } from '../peer-qemu';

const PAIRS = 5;
const MOST_HANGS = 5;
const TARGETED = 'boot.emulated';

/**
 * An empty test body against plain QEMU on the same kernel, image and shape, in turn: with the distribution's kernel, to which the target speaks, and
 * with the one that is built, which boots in half the time, so that the start of Node weighs twice as much.
 */
export async function bootEmulated(progress: (text: string) => void): Promise<BenchResult[]> {
  const stored = storedKernels(cacheDir(process.env));
  const results: BenchResult[] = [];
  for (const [name, isBuilt] of [
    [TARGETED, false],
    ['boot.emulated.built', true],
  ] as const) {
    const kernel = stored.find(({ schedExt }) => schedExt === isBuilt);
    if (kernel === undefined && name === TARGETED)
      throw new Error(`measure ${name}: no kernel without sched_ext is stored; npm run setup gets one`);
    if (kernel === undefined) progress(`${name} is left out: no such kernel is stored`);
    else results.push(...(await bootOn(kernel.key, name, progress)));
  }
  return results;
}

async function bootOn(kernel: string, name: string, progress: (text: string) => void): Promise<BenchResult[]> {
  const spec = specOf({ machine: 'emulated', cores: 2, kernel });
  progress(`warm-up, kernel ${kernel}`);
  const { plan } = await runFixture(EMPTY_BODY, spec);
  using initrd = makePeerInitrd(plan);
  const ours: FixtureRun[] = [];
  const peer: number[] = [];
  let hung = 0;
  const measurePeer = async (): Promise<number> => {
    for (;;) {
      const wall = await runPeer(plan, spec, initrd);
      if (wall !== null) return wall;
      if (++hung === MOST_HANGS) throw new Error(`plain QEMU hung ${hung} times`);
    }
  };
  await measurePeer();
  for (let pair = 1; pair <= PAIRS; pair++) {
    ours.push(await runFixture(EMPTY_BODY, spec));
    peer.push(await measurePeer());
    progress(
      `pair ${pair} of ${PAIRS}: ${Math.round(ours.at(-1)?.result.wallTimeMs ?? 0)} ms, QEMU ${Math.round(peer.at(-1) ?? 0)} ms`,
    );
  }
  return toResults(
    ours.map((run) => run.result),
    { walls: peer, hung, name },
  );
}

interface PeerRuns {
  walls: readonly number[];
  hung: number;
  /** Of the figures. */
  name: string;
}

function toResults(runs: readonly FixtureRun['result'][], peer: PeerRuns): BenchResult[] {
  const walls = runs.map((run) => run.wallTimeMs);
  const ms = (name: string, values: readonly number[], notes?: string): BenchResult => ({
    name,
    unit: 'ms',
    ours: spreadOf(values),
    ...(notes !== undefined && { notes }),
  });
  return [
    {
      ...ms(
        peer.name,
        walls,
        `empty test body, from planning to the end of the machine${peer.name === TARGETED ? '; target: ratio of medians at most 1.5' : ''}` +
          (peer.hung > 0 ? `; plain QEMU hung ${peer.hung} times and was run again` : ''),
      ),
      peer: { name: 'qemu microvm, poweroff from init', ...spreadOf(peer.walls) },
      ratio: ratioOf(walls, peer.walls),
    },
    ...RUN_STAGES.map((stage) =>
      ms(
        `${peer.name}.stage.${stage}`,
        runs.map((run) => run.stages[stage]),
      ),
    ),
    ms(
      `${peer.name}.plan+image`,
      runs.map((run) => run.stages.plan + run.stages.image),
      'warm; target: at most 150 ms',
    ),
    {
      name: `${peer.name}.memory`,
      unit: 'KiB',
      ours: spreadOf(runs.map((run) => run.peakMemoryKib + process.resourceUsage().maxRSS)),
      notes: 'peak of the QEMU process with guest pages, and of this process',
    },
  ];
}
