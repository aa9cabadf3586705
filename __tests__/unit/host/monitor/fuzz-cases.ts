/** Of each test that gives a decoder what no kernel wrote. More for a long run: KTSTR_FUZZ_CASES=250000. */
export const FUZZ_CASES = Number(process.env['KTSTR_FUZZ_CASES'] ?? 500);
/** A case of the slowest takes 20 ms on a busy host. */
export const FUZZ_TIMEOUT_MS = 10_000 + FUZZ_CASES * 40;
