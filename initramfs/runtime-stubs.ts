/** A function of any name that says no: pretty-format asks these packages whether a value is a React element. */
const ANSWERS_NO = 'module.exports = new Proxy({}, { get: () => () => false });';

/**
 * What stands in the guest's runtime in place of packages that jest-circus and expect load and that mean nothing in a guest. A key that
 * ends with a star stands for all modules that begin like it; exact names come first.
 */
export const RUNTIME_STUBS: Readonly<Record<string, string>> = {
  // Would add snapshot matchers, and with them Babel, to the `expect` that it hands out.
  '@jest/expect': 'exports.jestExpect = require("expect").expect;',
  // The file at hand is the bundle; frames of the author's source are drawn on the host. The caller takes a throw for an unreadable file.
  '@babel/code-frame': 'exports.codeFrameColumns = () => { throw new Error("no source in the guest"); };',
  '@babel/*': '',
  '@jest/react-is-18': ANSWERS_NO,
  '@jest/react-is-19': ANSWERS_NO,
  '@jest/transform': '',
  'ci-info': 'exports.isCI = true;',
  // For colours by RGB, which no matcher uses.
  'color-convert': '',
  'graceful-fs': 'module.exports = require("node:fs");',
  'jest-haste-map': '',
  'jest-runtime': '',
  'jest-snapshot': '',
  picomatch: '',
  // For the order of tests by random; one test runs in a guest.
  'pure-rand': '',
  // The original loads node:tty and with it node:net, a fifth of the runtime's loading time, to look at a terminal that a guest has not.
  'supports-color': `
    const { FORCE_COLOR } = process.env;
    const level = FORCE_COLOR === '' || FORCE_COLOR === 'true' ? 1 : Math.min(Number(FORCE_COLOR) || 0, 3);
    exports.stdout = exports.stderr =
      level > 0 && { level, hasBasic: true, has256: level > 1, has16m: level > 2 };`,
};

/** The stub for a module; undefined when the module itself is wanted. */
export function stubFor(specifier: string): string | undefined {
  const exact = Object.hasOwn(RUNTIME_STUBS, specifier) ? RUNTIME_STUBS[specifier] : undefined;
  if (exact !== undefined) return exact;
  const prefix = Object.keys(RUNTIME_STUBS).find((key) => key.endsWith('*') && specifier.startsWith(key.slice(0, -1)));
  return prefix === undefined ? undefined : RUNTIME_STUBS[prefix];
}
