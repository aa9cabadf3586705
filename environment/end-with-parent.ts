let isWatched = false;

/**
 * Ends a Jest worker whose Jest is gone, and with it its machine. Left alone it would run its test to the end and report to nobody: Jest tells
 * its workers to go, but not when it is killed.
 */
export function endWithParent(): void {
  const isJestWorker = process.argv[1]?.endsWith('processChild.js') === true;
  if (isWatched || !isJestWorker) return;
  isWatched = true;
  process.once('disconnect', () => process.exit(1));
}
