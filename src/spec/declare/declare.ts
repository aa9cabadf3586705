import 'reflect-metadata';

import { HarnessError } from '../../errors';
import { runAfter } from './after';
import { labelled } from './identify';
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
  const addOne = (variant: Declared): void => {
    const body = async (): Promise<void> => {
      const result = await registrar.run(variant);
      if (result) await runAfter(variant, result);
    };
    const marked = Object.assign(body, { [DECLARED]: variant });
    registrar.declare(variant);
    const name = labelled(title, variant.label);
    if (focus) test[focus](name, marked);
    else test(name, marked);
  };
  const add = (): void => variantsOf(declared, registrar.labels(declared)).forEach(addOne);
  if (group === undefined) add();
  else describe(group, add);
}

/** One declaration for each label. The first is the declaration itself, which the registrar may know already. */
function variantsOf(declared: Declared, labels: readonly string[]): Declared[] {
  if (labels.length === 0) return [declared];
  return labels.map((label, index) => Object.assign(index === 0 ? declared : { ...declared }, { label }));
}
