const US_PER_MS = 1000;

/** Of host time. */
export function microsecondsPerPass(pass: () => unknown, passes: number): number {
  const startedAt = performance.now();
  for (let done = 0; done < passes; done++) pass();
  return ((performance.now() - startedAt) * US_PER_MS) / passes;
}
