import type { Circus } from '@jest/types';
import { DECLARED, type Declared } from '../../../src/spec/declare/registrar';

/** jest-circus's tree and state, as far as the environment reads them. */

type Mode = 'only' | 'skip' | 'todo' | undefined;

export function makeState(root: Circus.DescribeBlock, changes: Partial<Circus.State> = {}): Circus.State {
  return { rootDescribeBlock: root, hasFocusedTests: false, testNamePattern: null, ...changes } as Circus.State;
}

export function makeRoot(): Circus.DescribeBlock {
  return {
    type: 'describeBlock',
    name: 'ROOT_DESCRIBE_BLOCK',
    children: [],
    tests: [],
  } as unknown as Circus.DescribeBlock;
}

export function addBlock(parent: Circus.DescribeBlock, name: string): Circus.DescribeBlock {
  const block = { type: 'describeBlock', name, parent, children: [], tests: [] } as unknown as Circus.DescribeBlock;
  parent.children.push(block);
  return block;
}

export interface TestShape {
  mode?: Mode;
  declared?: Declared;
}

export function addTest(
  parent: Circus.DescribeBlock,
  name: string,
  { mode, declared }: TestShape = {},
): Circus.TestEntry {
  const fn = declared ? Object.assign(() => undefined, { [DECLARED]: declared }) : () => undefined;
  const test = { type: 'test', name, parent, mode, fn, errors: [], status: null } as unknown as Circus.TestEntry;
  parent.children.push(test);
  parent.tests.push(test);
  return test;
}

export function makeHook(type: Circus.Hook['type'], fn: () => void): Circus.Hook {
  return { type, fn, parent: null, timeout: null } as unknown as Circus.Hook;
}

/** A test as an author declared it. */
export function makeDeclared(subject: string, options: object = {}): Declared {
  const declaredAt = Object.assign(new Error('declaration'), {
    stack: `Error: declaration\n    at author (a.test.ts:7:1)`,
  });
  return { subject, layers: () => [options], body: () => undefined, declaredAt };
}
