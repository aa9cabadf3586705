import * as declare from '../../../../src/index';
import { REGISTRAR, type Declared, type Registrar } from '../../../../src/spec/declare/registrar';
import type { TreeBlock, TreeTest } from '../../../../src/spec/declare/identify';
import type { RunResult } from '../../../../src/verdict/run-result';

interface Block extends TreeBlock {
  children: (Block | TreeTest)[];
}

/** What loading a test file did: the tree that Jest has of it, and what the registrar was told. */
export interface LoadedFile {
  root: Block;
  declared: Declared[];
  exports: Record<string, unknown>;
}

export interface LoadOptions {
  /** What the registrar makes of a declared test; by default nothing. */
  run?: Registrar['run'];
  /** `false` is a Jest without the ktstr environment. */
  hasRegistrar?: boolean;
  /** Labels that each test is registered for. */
  labels?: readonly string[];
}

const nothing: Registrar['run'] = (): Promise<RunResult | null> => Promise.resolve(null);

/** Runs a compiled test file as Jest does, with a `describe` and a `test` that only note what they are told. */
export function loadFile(
  code: string,
  { run = nothing, hasRegistrar = true, labels = [] }: LoadOptions = {},
): LoadedFile {
  const root: Block = { type: 'describeBlock', name: 'ROOT', children: [] };
  const declared = new Set<Declared>();
  const registrar: Registrar = { labels: () => labels, declare: (test) => void declared.add(test), run };
  const globals = { ...makeGlobals(root), [REGISTRAR]: hasRegistrar ? registrar : undefined };
  const scope = globalThis as Record<PropertyKey, unknown>;
  const before = Reflect.ownKeys(globals).map((key) => [key, scope[key]] as const);
  const module: { exports: Record<string, unknown> } = { exports: {} };
  try {
    Object.assign(globalThis, globals);
    // oxlint-disable-next-line typescript/no-implied-eval
    new Function('require', 'exports', 'module', code)(() => declare, module.exports, module);
  } finally {
    for (const [key, value] of before) scope[key] = value;
  }
  return { root, declared: [...declared], exports: module.exports };
}

function makeGlobals(root: Block): object {
  let current = root;
  const add =
    (mode?: 'only' | 'skip') =>
    (name: string, fn: unknown): void =>
      void current.children.push({ type: 'test', name, fn, mode });
  const describe = (name: string, body: () => void): void => {
    const parent = current;
    current = { type: 'describeBlock', name, children: [] };
    parent.children.push(current);
    body();
    current = parent;
  };
  return { describe, test: Object.assign(add(), { only: add('only'), skip: add('skip') }) };
}

/** The tree as text: `A > method`, with the mode of tests that have one. */
export function outline(block: Block, path = ''): string[] {
  return block.children.flatMap((child) => {
    const name = path === '' ? child.name : `${path} > ${child.name}`;
    if (child.type === 'describeBlock') return outline(child, name);
    return [child.mode ? `${name} (${child.mode})` : name];
  });
}
