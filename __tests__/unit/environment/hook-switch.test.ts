import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Circus } from '@jest/types';
import { HookSwitch } from '../../../environment/hook-switch';
import { addBlock, addTest, makeHook, makeRoot, makeState } from './circus-tree';

let hooks: HookSwitch;
let root: Circus.DescribeBlock;

beforeEach(() => {
  hooks = new HookSwitch();
  root = makeRoot();
});

/** Tests whose name starts with `guest` run in the guest. */
function send(event: Partial<Circus.Event>, state: Partial<Circus.State> = {}): void {
  hooks.handle(event as Circus.Event, makeState(root, state), (entry) => entry.name.startsWith('guest'));
}

const enter = (block: Circus.DescribeBlock): void => send({ name: 'run_describe_start', describeBlock: block });

/** Whether Jest comes to call a hook's own function; whether it does or not, the hook is itself again afterwards. */
function isCalled(
  type: Circus.Hook['type'],
  state: Partial<Circus.State> = {},
  end: 'hook_success' | 'hook_failure' = 'hook_success',
): boolean {
  let called = false;
  const fn = (): void => void (called = true);
  const hook = makeHook(type, fn);
  send({ name: 'hook_start', hook }, state);
  (hook.fn as () => void)();
  send({ name: end, hook } as Partial<Circus.Event>, state);
  expect(hook.fn).toBe(fn);
  return called;
}

describe('HookSwitch', () => {
  test.each(['beforeEach', 'afterEach'] as const)('lets %s run for tests of the host only', (type) => {
    const inGuest = addTest(root, 'guest');
    const onHost = addTest(root, 'host');
    send({ name: 'test_start', test: inGuest });
    expect(isCalled(type)).toBe(false);
    expect(isCalled(type, {}, 'hook_failure')).toBe(false);
    send({ name: 'test_done', test: inGuest });
    send({ name: 'test_start', test: onHost });
    expect(isCalled(type)).toBe(true);
  });

  test.each(['beforeAll', 'afterAll'] as const)('lets %s run when a test below its block runs on the host', (type) => {
    const mixed = addBlock(root, 'mixed');
    addTest(mixed, 'guest');
    const inner = addBlock(mixed, 'inner');
    addTest(inner, 'host');
    const alone = addBlock(root, 'alone');
    addTest(alone, 'guest');
    enter(root);
    expect(isCalled(type)).toBe(true);
    enter(mixed);
    expect(isCalled(type)).toBe(true);
    send({ name: 'run_describe_finish', describeBlock: mixed });
    enter(alone);
    expect(isCalled(type)).toBe(false);
    send({ name: 'run_describe_finish', describeBlock: alone });
    expect(isCalled(type)).toBe(true);
  });

  test.each<{ name: string; mode?: 'only' | 'skip'; state: Partial<Circus.State>; called: boolean }>([
    { name: 'nothing keeps it from running', state: {}, called: true },
    { name: 'it is skipped', mode: 'skip', state: {}, called: false },
    { name: 'others have the focus', state: { hasFocusedTests: true }, called: false },
    { name: 'it has the focus', mode: 'only', state: { hasFocusedTests: true }, called: true },
    { name: '-t does not match its full name', state: { testNamePattern: /^block host$/ }, called: false },
    { name: '-t matches its full name', state: { testNamePattern: /^block inner host$/ }, called: true },
  ])('counts a test of the host when $name: $called', ({ mode, state, called }) => {
    const inner = addBlock(addBlock(root, 'block'), 'inner');
    addTest(inner, 'guest');
    addTest(inner, 'host', { mode });
    enter(inner);
    expect(isCalled('beforeAll', state)).toBe(called);
  });
});
