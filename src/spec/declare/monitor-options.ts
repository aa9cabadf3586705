import { z } from 'zod';
import {
  DEFAULT_PERIOD_MS,
  MONITOR_DEFAULTS,
  type MonitorSettings,
  type PauseAt,
} from '../../verdict/monitor/monitor-thresholds';
import { MAX_PLAUSIBLE_DEPTH } from '../../verdict/monitor/plausibility';
import { ABOVE_ZERO, check, documented, FROM_ZERO, threshold, whole } from './option-schema';

const { maxImbalanceRatio, maxLocalDsqDepth, maxWaitMs, maxFallbackRate, maxKeepLastRate, sustainedSamples } =
  MONITOR_DEFAULTS;

const pauseAt = z.strictObject({
  guestMs: z.number().positive(),
  look: z.custom<PauseAt['look']>((value) => typeof value === 'function'),
});

/** The fields of the option `monitor`, which become `TestSpec.monitor`. */
export const monitorFields = {
  periodMs: whole('time between two samples, in ms', {
    min: 1,
    max: 1000,
    default: DEFAULT_PERIOD_MS,
    example: 1,
  }),
  defaults: check(
    `switches on failOnStall and the thresholds that are not set, at maxImbalanceRatio ${maxImbalanceRatio}, maxLocalDsqDepth ` +
      `${maxLocalDsqDepth}, maxWaitMs ${maxWaitMs}, maxFallbackRate ${maxFallbackRate}, maxKeepLastRate ${maxKeepLastRate}`,
  ),
  maxImbalanceRatio: threshold('tasks on the longest run queue per task on the shortest', {
    schema: z.number().min(1),
    allowed: 'a number from 1',
    example: maxImbalanceRatio,
  }),
  maxLocalDsqDepth: threshold('tasks in the local DSQ of any CPU', {
    schema: z.int().min(0).max(MAX_PLAUSIBLE_DEPTH),
    allowed: `a whole number from 0 to ${MAX_PLAUSIBLE_DEPTH}`,
    example: maxLocalDsqDepth,
  }),
  maxWaitMs: threshold('longest time that a task of sched_ext may be runnable without being run, in ms', {
    ...ABOVE_ZERO,
    example: 500,
  }),
  failOnStall: check(
    'the clock of no run queue may stand still while its CPU has tasks and the host runs its vCPU for ten ticks',
  ),
  maxFallbackRate: threshold('events select_cpu_fallback per second, of all CPUs', {
    ...FROM_ZERO,
    example: maxFallbackRate,
  }),
  maxKeepLastRate: threshold('events dispatch_keep_last per second, of all CPUs', {
    ...FROM_ZERO,
    example: maxKeepLastRate,
  }),
  sustainedSamples: whole('samples in a row, or intervals between them, that must miss a threshold to fail the test', {
    min: 1,
    max: 100_000,
    default: sustainedSamples,
    example: 20,
  }),
  pauseAt: documented(pauseAt.optional(), {
    about:
      'stops a deterministic machine once, at the first tick at or after guestMs of its CLOCK_MONOTONIC, and calls look on the host with what is ' +
      'to be seen there; the guest does not know it',
    allowed: 'an object with guestMs, a number above 0, and look, a function',
    default: 'unset',
    example: '{ guestMs: 1500, look: (vm) => expect(vm.rq(0).nrRunning).toBe(1) }',
  }),
} satisfies Record<keyof MonitorSettings, z.ZodType>;

const monitorSchema = z.strictObject(monitorFields);

/** How the monitor samples and what it asserts. */
export type MonitorOptions = z.input<typeof monitorSchema>;

export const monitorOption = documented(monitorSchema.prefault({}), {
  about:
    'what the monitor, which reads the scheduler from the memory of the guest, asserts; that of the scheduler, the class and the test merge by name',
  allowed: `an object with ${Object.keys(monitorFields).join(', ')}`,
  default: 'nothing is asserted',
  example: '{ defaults: true, maxImbalanceRatio: 8 }',
});
