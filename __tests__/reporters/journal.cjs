const { appendFileSync } = require('node:fs');
const { relative } = require('node:path');
const refusedSkips = require('./refused-skips.cjs');

/**
 * Tells of each test that fails and of each file that ends as that happens, a line of JSON each, in the file that JOURNAL_FILE names: what is
 * known of a run whose machine goes away. A skip that CI refuses counts as a failure.
 */
module.exports = class Journal {
  constructor({ rootDir }) {
    this.rootDir = rootDir;
  }

  onTestCaseResult({ path }, { status, fullName }) {
    if (status === 'failed') this.tell({ file: path, failedTest: fullName });
  }

  onTestResult({ path }, result) {
    const { numPassingTests: passed, numPendingTests: skipped } = result;
    const failed = result.numFailingTests + (result.testExecError ? 1 : 0) + refusedSkips(result).length;
    this.tell({ file: path, passed, failed, skipped });
  }

  tell({ file, ...rest }) {
    const journal = process.env.JOURNAL_FILE;
    if (journal) appendFileSync(journal, `${JSON.stringify({ file: relative(this.rootDir, file), ...rest })}\n`);
  }
};
