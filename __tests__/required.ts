/** Nothing may be left out: what is missing for a test fails it, in place of skipping it. */
export const isRequired = process.env['CI'] !== undefined || process.env['KTSTR_REQUIRE'] === '1';
