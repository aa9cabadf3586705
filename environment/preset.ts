import { join } from 'node:path';

// Legacy decorators by default: a standard method decorator is not told its class.
const swcOptions = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true, tsx: false },
    transform: { legacyDecorator: true },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
} as const;

/** Jest preset: `preset: 'ktstr'`. Compiles TypeScript with decorators, which Jest's default transform cannot. */
const preset = {
  testEnvironment: join(__dirname, 'index.js'),
  transform: { '\\.[cm]?tsx?$': [require.resolve('@swc/jest'), swcOptions] },
  testMatch: ['**/*.test.?([cm])[jt]s?(x)', '**/*.spec.?([cm])[jt]s?(x)', '**/*.ktstr.?([cm])[jt]s'],
};

export = preset;
