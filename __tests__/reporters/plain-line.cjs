const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const ALLOWED_SKIPS = join(__dirname, '../../.ci/allowed-skips.json');

/**
 * Ends a run with one plain line of counts, or leaves them in the file that PLAIN_LINE_FILE names, for a run of which this is a part. In CI a
 * skipped test fails the run unless .ci/allowed-skips.json lists the reason that its title names.
 */
module.exports = class PlainLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests: passed, numPendingTests: skipped } = results;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    this.error = process.env.CI ? refusedSkips(results) : undefined;
    const file = process.env.PLAIN_LINE_FILE;
    if (file) writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
    // After Jest's own summary, which is written when all reporters are done.
    else process.once('exit', () => console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`));
  }

  getLastError() {
    return this.error;
  }
};

function refusedSkips({ testResults }) {
  const allowed = JSON.parse(readFileSync(ALLOWED_SKIPS, 'utf8'));
  const skipped = testResults.flatMap((file) => file.testResults).filter((test) => test.status === 'pending');
  const refused = skipped.filter(({ fullName }) => !allowed.some(({ reason }) => fullName.includes(reason)));
  if (refused.length === 0) return undefined;
  return new Error(
    `skipped for a reason that .ci/allowed-skips.json does not list:\n${refused.map((test) => `  ${test.fullName}`).join('\n')}`,
  );
}
