/** Orders kernel releases by their numbers: negative when `a` is older, so that 6.9.1 comes before 6.12. */
export function compareReleases(a: string, b: string): number {
  const [numbersA, numbersB] = [numbersOf(a), numbersOf(b)];
  for (let index = 0; index < Math.max(numbersA.length, numbersB.length); index++) {
    const difference = (numbersA[index] ?? 0) - (numbersB[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(release: string): number[] {
  return (/^\d+(\.\d+)*/.exec(release)?.[0] ?? '').split('.').map(Number);
}

/** True when `prefix` names the release or a series that it belongs to: 6.1 is a series of 6.1.4, not of 6.12. */
export function isReleaseOf(prefix: string, release: string): boolean {
  return (
    release.startsWith(prefix) && !/^\d\d$/.test(prefix.slice(-1) + release.slice(prefix.length, prefix.length + 1))
  );
}
