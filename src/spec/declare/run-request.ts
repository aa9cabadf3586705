import type { TestId, TestSpec } from './test-spec';

/** What the guest is to do. It travels in the image: nothing is sent to a guest that runs. */
export interface RunRequest {
  test: TestId;
  spec: TestSpec;
}

/** Where the image holds what the guest runtime reads. */
export const GUEST_PATHS = {
  request: '/ktstr/request.json',
  bundle: '/ktstr/test.js',
  runtime: '/ktstr/runtime.js',
  kit: '/ktstr/kit.node',
  workers: '/ktstr/workers',
  /** Starts a scheduler with another limit of its watchdog. */
  watchdog: '/ktstr/watchdog',
  includeFiles: '/include-files',
  /** Programs of schedulers, by their names. */
  schedulers: '/ktstr/schedulers',
  port: '/dev/vport0p1',
  early: '/dev/ttyS1',
} as const;

/** Descriptor that init leaves open for the runtime: the spotter's command line. */
export const SPOTTER_FD = 3;
