// A machine that is said to be slow has more time for its tests, as ktstr has for its guests.
jest.setTimeout(globalThis.TIER_TIMEOUT_MS * Number(process.env.KTSTR_TIME_SCALE || 1));
