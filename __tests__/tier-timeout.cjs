jest.setTimeout(globalThis.TIER_TIMEOUT_MS);
