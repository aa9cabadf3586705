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

/**
 * What the host tells a guest that waits for it: the NIS domain name, which the kernel keeps at a known place, the host can write there on
 * every machine, and any process reads in this file.
 */
export const HOST_WORD = {
  file: '/proc/sys/kernel/domainname',
  none: '(none)',
  written: 'ktstr:written',
  refused: 'ktstr:refused',
} as const;
export type HostWord = (typeof HOST_WORD)['written' | 'refused'];

/** Descriptor that init leaves open for the runtime: the spotter's command line. */
export const SPOTTER_FD = 3;
