const { writeFileSync } = require('node:fs');
const refusedSkips = require('./refused-skips.cjs');

/**
 * Ends a run with one plain line of counts, or leaves them in the file that PLAIN_LINE_FILE names, for a run of which this is a part. In CI a
 * skipped test fails the run unless .ci/allowed-skips.json lists the reason that its title names.
 */
module.exports = class PlainLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests: passed, numPendingTests: skipped } = results;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    this.error = errorOf(results.testResults.flatMap(refusedSkips));
    // Jest fails the run for it, and does not say why.
    if (this.error) console.error(this.error.message);
    const file = process.env.PLAIN_LINE_FILE;
    if (file) writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
    // After Jest's own summary, which is written when all reporters are done. Whoever reads the journal says the line.
    else if (!process.env.JOURNAL_FILE)
      process.once('exit', () => console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`));
  }

  getLastError() {
    return this.error;
  }
};

function errorOf(refused) {
  if (refused.length === 0) return undefined;
  return new Error(
    `skipped for a reason that .ci/allowed-skips.json does not list:\n${refused.map((name) => `  ${name}`).join('\n')}`,
  );
}
