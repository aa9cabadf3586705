import type { EnvironmentContext, JestEnvironment, JestEnvironmentConfig } from '@jest/environment';
import type { Circus } from '@jest/types';

import { REGISTRAR } from '../src/spec/declare/registrar';
import { endWithParent } from './end-with-parent';
import { parseEnvironmentOptions } from './environment-options';
import { FileTests } from './file-tests';
import { addToConsole } from './forward-console';
import { HostRegistrar } from './host-registrar';

// TypeScript demands of a mixin's base that it takes any arguments.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyArguments = any[];
type EnvironmentClass = new (...args: AnyArguments) => JestEnvironment;
type Handler = (event: Circus.Event, state: Circus.State) => unknown;

/**
 * Adds ktstr to a Jest environment: declared tests boot a machine, everything else is as in `Base`, whose methods are always called.
 *
 * @example module.exports = withKtstr(require('jest-environment-jsdom').default);
 */
export function withKtstr<B extends EnvironmentClass>(Base: B): B {
  return class KtstrEnvironment extends Base {
    readonly #registrar: HostRegistrar;

    constructor(...args: AnyArguments) {
      super(...args);
      endWithParent();
      const [config, context] = args as [JestEnvironmentConfig, EnvironmentContext];
      const { registrar, tests } = wire(config, context);
      this.#registrar = registrar;
      Object.assign(this.global, { [REGISTRAR]: registrar });
      // The base may have the handler as a method or as a field; either way it goes first.
      const inherited = this.handleTestEvent as Handler | undefined;
      this.handleTestEvent = async (event: Circus.Event, state: Circus.State) => {
        await inherited?.call(this, event, state);
        tests.handle(event, state);
      };
    }

    override async setup(): Promise<void> {
      await super.setup();
      await this.#registrar.prepare();
    }
  } as B;
}

function wire(
  config: JestEnvironmentConfig,
  context: EnvironmentContext,
): { registrar: HostRegistrar; tests: FileTests } {
  const { projectConfig } = config;
  const target = { ...config, console: context.console };
  const registrar = new HostRegistrar({
    ...parseEnvironmentOptions(projectConfig.testEnvironmentOptions),
    testPath: context.testPath,
    rootDir: projectConfig.rootDir,
    console: target,
    onSkip: (declared, reason) => tests.skip(declared, reason),
  });
  const warn = (message: string, origin: string): void => addToConsole(target, { type: 'warn', message, origin });
  const tests = new FileTests({ testPath: context.testPath, registrar, warn });
  return { registrar, tests };
}
