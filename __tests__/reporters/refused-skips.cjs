const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const ALLOWED_SKIPS = join(__dirname, '../../.ci/allowed-skips.json');

/** Of a file's tests, the names of those that are skipped and must not be: in CI each whose title names no reason of .ci/allowed-skips.json. */
module.exports = function refusedSkips({ testResults }) {
  if (!process.env.CI) return [];
  const allowed = JSON.parse(readFileSync(ALLOWED_SKIPS, 'utf8'));
  return testResults
    .filter(({ status, fullName }) => status === 'pending' && !allowed.some(({ reason }) => fullName.includes(reason)))
    .map(({ fullName }) => fullName);
};
