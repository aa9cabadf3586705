const { accessSync, constants, readFileSync } = require('node:fs');

const swc = [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { decoratorVersion: '2022-03' },
      target: 'es2022',
    },
    sourceMaps: 'inline',
  },
];

/** One Jest project per tier, so that `--selectProjects unit` runs what needs nothing but Node. */
const tier = (name, testTimeout) => ({
  displayName: name,
  rootDir: __dirname,
  testMatch: [`<rootDir>/__tests__/${name}/**/*.test.ts`],
  transform: { '\\.[cm]?ts$': swc },
  // jest-circus takes no testTimeout from a project, only from the whole run.
  globals: { TIER_TIMEOUT_MS: testTimeout },
  setupFilesAfterEnv: ['<rootDir>/__tests__/tier-timeout.cjs'],
});

/** What a Linux guest takes; `npm run test:kvm` finds or makes a machine that has it. */
function hasKvm() {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return /^flags\s*:.*\s(vmx|svm)(\s|$)/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}

module.exports = {
  // Of tests that boot machines one per core is enough; more would only make each slower.
  maxConcurrency: 2,
  projects: [
    tier('unit', 20_000),
    tier('native', 60_000),
    tier('vm', 300_000),
    ...(hasKvm() ? [{ ...tier('kvm', 600_000), roots: ['<rootDir>/__tests__/kvm'] }] : []),
    tier('e2e', 600_000),
  ],
  reporters: ['default', '<rootDir>/__tests__/reporters/journal.cjs', '<rootDir>/__tests__/reporters/plain-line.cjs'],
  maxWorkers: 2,
};
