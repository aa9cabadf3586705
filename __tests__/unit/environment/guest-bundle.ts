import { compileFunction, createContext, runInContext } from 'node:vm';
import { StackMapper } from '../../../environment/map-stack';
import { bundleTest } from '../../../initramfs/bundle';
import { GUEST_PATHS } from '../../../src/spec/declare/run-request';
import { useTempFolder } from '../initramfs/temp-folder';

export interface GuestBundle {
  /** Path of the author's file. */
  file: string;
  mapper: StackMapper;
  /** What the bundle exports when it has been run under the name that it has in the guest. */
  exports: Record<string, () => unknown>;
}

/** What V8 does of itself; Jest has a printer of its own, which would apply in every context. */
const PLAIN_STACKS = "Error.prepareStackTrace = (error, sites) => [String(error), ...sites].join('\\n    at ')";

/** Bundles a test file of an author and runs it as the guest does, so that V8 prints real stacks of it. */
export function useGuestBundle(): (source: string) => Promise<GuestBundle> {
  const temp = useTempFolder();
  return async (source) => {
    temp.write({ 'a.test.ts': source });
    const file = temp.path('a.test.ts');
    const { code, map } = await bundleTest({ entry: file, rootDir: temp.path(), external: [], decorators: 'legacy' });
    const module = { exports: {} };
    const parsingContext = createContext();
    runInContext(PLAIN_STACKS, parsingContext);
    compileFunction(code, ['module'], { filename: GUEST_PATHS.bundle, parsingContext })(module);
    return { file, mapper: new StackMapper(map), exports: module.exports };
  };
}

/** The stack of what a function throws, sooner or later. */
export async function stackOf(run: (() => unknown) | undefined): Promise<string> {
  try {
    await run?.();
  } catch (error) {
    return (error as Error).stack ?? '';
  }
  throw new Error('it threw nothing');
}
