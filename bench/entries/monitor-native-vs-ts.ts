import { decodeRecord } from '../../src/host/monitor/plan/decode-record';
import { encodePlan } from '../../src/host/monitor/plan/encode-plan';
import { schedulerPlan } from '../../src/host/monitor/sample/scheduler-plan';
import { kernelSpace } from '../../src/host/monitor/sample/scheduler-sampler';
import { NativeMonitor } from '../../src/host/native/monitor';
import { ratioOf, spreadOf, type BenchResult } from '../bench-report';
import { executeInTs } from '../execute-in-ts';
import { microsecondsPerPass } from '../microseconds-per-pass';
import { bootWaiting, CPUS, kernelOf, needKernel, SIXTEEN_CPUS } from '../waiting-guest';

const PAIRS = 10;
const NATIVE_PASSES = 2_000;
const TS_PASSES = 50;

/**
 * The plan of a sample of 16 CPUs, executed once: by native/monitor, and in TypeScript by `KernelMemory`, which keeps its translations. Both
 * end with the bytes of each value. In turn, on the RAM of one paused guest. @throws {Error} when the two differ
 */
export async function monitorNativeVsTs(progress: (text: string) => void): Promise<BenchResult[]> {
  await using guest = await bootWaiting({ ...SIXTEEN_CPUS, kernel: needKernel('built') });
  const { machine } = guest;
  await machine.pause();
  const kernel = kernelOf(guest);
  const { plan } = schedulerPlan(kernel, { cpuCount: CPUS, vcpuThreads: [], threadsEvery: 1 });
  const encoded = encodePlan(plan);
  using monitor = await NativeMonitor.create(machine.ram, kernelSpace(kernel, machine.ram));
  const native = (): (Buffer | null)[] => {
    const record = decodeRecord(encoded, monitor.execute(encoded));
    return plan.expressions.map((_, expression) => record.value(expression));
  };
  const inTs = (): (Buffer | null)[] => executeInTs(kernel.memory, plan);
  compare(native(), inTs());
  const ours: number[] = [];
  const peer: number[] = [];
  // The first pair only warms up.
  for (let pair = 0; pair <= PAIRS; pair++) {
    const [nativeUs, tsUs] = [microsecondsPerPass(native, NATIVE_PASSES), microsecondsPerPass(inTs, TS_PASSES)];
    progress(`pair ${pair} of ${PAIRS}: ${nativeUs.toFixed(1)} us, in TypeScript ${tsUs.toFixed(1)} us`);
    if (pair === 0) continue;
    ours.push(nativeUs);
    peer.push(tsUs);
  }
  return [
    {
      ...{ name: 'monitor.native-vs-ts', unit: 'us', ours: spreadOf(ours), ratio: ratioOf(ours, peer) },
      peer: { name: 'the same plan in TypeScript', ...spreadOf(peer) },
      notes:
        `one execution of the plan of a sample of ${CPUS} CPUs, ${plan.expressions.length} values, all equal; native with the call from ` +
        'TypeScript, which sets the plan up anew each time, and the decoding of its record',
    },
  ];
}

function compare(ours: readonly (Buffer | null)[], peer: readonly (Buffer | null)[]): void {
  const text = (values: readonly (Buffer | null)[]): string[] =>
    values.map((value) => value?.toString('hex') ?? 'none');
  const theirs = text(peer);
  const different = text(ours).findIndex((value, index) => value !== theirs[index]);
  if (different !== -1) throw new Error(`expression ${different} differs between native and TypeScript`);
}
