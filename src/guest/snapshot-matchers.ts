import { HarnessError } from '../errors';

const SNAPSHOT_MATCHERS = [
  'toMatchSnapshot',
  'toMatchInlineSnapshot',
  'toThrowErrorMatchingSnapshot',
  'toThrowErrorMatchingInlineSnapshot',
] as const;

/** Snapshot files live on the host, so these matchers can only say where snapshots do work. */
export const snapshotMatchers = Object.fromEntries(
  SNAPSHOT_MATCHERS.map((matcher) => [
    matcher,
    (): never => {
      throw new HarnessError('guest-snapshot', { matcher });
    },
  ]),
);
