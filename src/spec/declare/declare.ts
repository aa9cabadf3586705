import 'reflect-metadata';

import { HarnessError } from '../../errors';
import { runAfter } from './after';
import { DECLARED, findRegistrar, type Declared } from './registrar';

/** `only` and `skip` are Jest's own, for `-t`-less focus on one test. */
export type Focus = 'only' | 'skip' | undefined;

interface JestTest {
  (name: string, body: () => Promise<void>): void;
  only(name: string, body: () => Promise<void>): void;
  skip(name: string, body: () => Promise<void>): void;
}

interface JestGlobals {
  describe?: (name: string, body: () => void) => void;
  test?: JestTest;
}

/** A declaration and where it goes in Jest's tree. */
export interface Registration {
  declared: Declared;
  title: string;
  /** Title of the describe block around it; a plain function has none. */
  group?: string;
  focus: Focus;
}

/** Hands a declaration to the registrar and to Jest. @throws {HarnessError} `no-registrar` outside the ktstr environment */
export function register({ declared, title, group, focus }: Registration): void {
  const registrar = findRegistrar();
  const { describe, test } = globalThis as JestGlobals;
  if (!registrar || !describe || !test) throw new HarnessError('no-registrar', { test: declared.subject });
  const body = async (): Promise<void> => {
    const result = await registrar.run(declared);
    if (result) await runAfter(declared, result);
  };
  const marked = Object.assign(body, { [DECLARED]: declared });
  registrar.declare(declared);
  const add = (): void => (focus ? test[focus](title, marked) : test(title, marked));
  if (group === undefined) add();
  else describe(group, add);
}
