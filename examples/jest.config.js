/** @type {import('jest').Config} */
module.exports = { preset: 'ktstr', verbose: true };
