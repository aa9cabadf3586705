import type { Circus } from '@jest/types';

type Predicate = (test: Circus.TestEntry) => boolean;

/**
 * Hooks run where the body runs. For a test whose body runs in the guest the host's hooks are replaced by nothing while Jest calls them;
 * hooks around a whole describe block are, when no test in it runs on the host.
 */
export class HookSwitch {
  readonly #original = new Map<Circus.Hook, Circus.Hook['fn']>();
  #test: Circus.TestEntry | undefined;
  #blocks: Circus.DescribeBlock[] = [];

  handle(event: Circus.Event, state: Circus.State, runsInGuest: Predicate): void {
    if (event.name === 'test_start') this.#test = event.test;
    if (event.name === 'test_done' || event.name === 'test_skip') this.#test = undefined;
    if (event.name === 'run_describe_start') this.#blocks.push(event.describeBlock);
    if (event.name === 'run_describe_finish') this.#blocks.pop();
    const runsOnHost: Predicate = (test) => isEnabled(test, state) && !runsInGuest(test);
    if (event.name === 'hook_start' && !this.#isNeeded(event.hook, runsOnHost)) this.#silence(event.hook);
    if (event.name === 'hook_success' || event.name === 'hook_failure') this.#restore(event.hook);
  }

  #isNeeded(hook: Circus.Hook, runsOnHost: Predicate): boolean {
    if (hook.type === 'beforeEach' || hook.type === 'afterEach')
      return this.#test === undefined || runsOnHost(this.#test);
    const block = this.#blocks.at(-1);
    return block === undefined || testsOf(block).some(runsOnHost);
  }

  #silence(hook: Circus.Hook): void {
    this.#original.set(hook, hook.fn);
    hook.fn = () => undefined;
  }

  #restore(hook: Circus.Hook): void {
    const original = this.#original.get(hook);
    if (original) hook.fn = original;
    this.#original.delete(hook);
  }
}

function testsOf(block: Circus.DescribeBlock): Circus.TestEntry[] {
  return block.children.flatMap((child) => (child.type === 'describeBlock' ? testsOf(child) : [child]));
}

/** Whether Jest is going to run a test: hasEnabledTest of jest-circus, packages/jest-circus/src/utils.ts. */
function isEnabled(test: Circus.TestEntry, { hasFocusedTests, testNamePattern }: Circus.State): boolean {
  if (test.mode === 'skip' || (hasFocusedTests && test.mode !== 'only')) return false;
  return !testNamePattern || testNamePattern.test(jestName(test));
}

/** What `-t` is matched with. */
function jestName(test: Circus.TestEntry): string {
  const names = [test.name as string];
  // The outermost block is Jest's own.
  for (let block = test.parent; block.parent; block = block.parent) names.unshift(block.name as string);
  return names.join(' ');
}
