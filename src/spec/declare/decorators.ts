import { HarnessError } from '../../errors';
import { register, type Focus } from './declare';
import type { TestOptions } from './options';
import { findRegistrar, type BodyResult, type Declared, type TestBody } from './registrar';
import type { Ctx } from './ctx';

type Method = (this: never, ctx: Ctx) => BodyResult | Promise<BodyResult>;
type Constructor = new () => object;

/** Works as a legacy (`experimentalDecorators`) and as a standard (2023-11) method decorator. */
export interface TestDecorator {
  <T extends Method>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<T>): void;
  <T extends Method>(value: T, context: ClassMethodDecoratorContext): void;
}

export interface KtstrTest {
  /** Declares a method as a test: `@ktstrTest({ llcs: 2 })`. */
  <F extends string = string>(options?: TestOptions<F>): TestDecorator;
  /** Declares a function as a test, without a class. */
  <F extends string = string>(name: string, options: TestOptions<F>, body: TestBody): void;
}

/** A method that a standard decorator saw; its class is not known before the class decorator runs. */
interface Unclaimed {
  declared: Declared;
  title: string;
  focus: Focus;
  bind(constructor: Constructor): void;
}

const DEFAULTS = 'ktstr:defaults';
const UNCLAIMED = Symbol.for('ktstr.unclaimed');

// TypeScript gives standard decorators their metadata only where the runtime has the symbol for it.
Object.assign(Symbol, { metadata: (Symbol as { metadata?: symbol }).metadata ?? Symbol.for('Symbol.metadata') });

function makeKtstrTest(focus: Focus): KtstrTest {
  const decorate = (...args: [TestOptions?] | [string, TestOptions, TestBody]): TestDecorator | void => {
    // Taken here, because compilers map this call to the author's line, but not the one that applies the decorator.
    const declaredAt = new Error('declaration');
    Error.captureStackTrace(declaredAt, decorate);
    if (typeof args[0] === 'string') {
      const [name, options, body] = args as [string, TestOptions, TestBody];
      return register({ declared: { subject: name, layers: () => [options], body, declaredAt }, title: name, focus });
    }
    // Written without parentheses it is called with the method itself: legacy (prototype, key, descriptor), standard (value, context).
    const [options = {}, applied] = args as [TestOptions?, (PropertyKey | ClassMethodDecoratorContext)?];
    if (applied !== undefined) throw new HarnessError('decorator-not-called', { test: nameOf(applied) });
    const how: How = { options, focus, declaredAt };
    return ((targetOrValue: object, keyOrContext: string | symbol | ClassMethodDecoratorContext): void => {
      if (typeof keyOrContext === 'object') declareStandard(keyOrContext, how);
      else declareLegacy(targetOrValue, keyOrContext, how);
    }) as TestDecorator;
  };
  return decorate as KtstrTest;
}

/**
 * Declares a test: as a method decorator, or called with a name, options and a body. `ktstrTest.only` and `ktstrTest.skip` are Jest's.
 * Options that contradict each other or are impossible fail when the file loads.
 */
export const ktstrTest: KtstrTest & { only: KtstrTest; skip: KtstrTest } = Object.assign(makeKtstrTest(undefined), {
  only: makeKtstrTest('only'),
  skip: makeKtstrTest('skip'),
});

interface How {
  options: TestOptions;
  focus: Focus;
  declaredAt: Error;
}

function nameOf(keyOrContext: PropertyKey | ClassMethodDecoratorContext): string {
  return String(typeof keyOrContext === 'object' ? keyOrContext.name : keyOrContext);
}

function declareLegacy(prototype: object, key: string | symbol, how: How): void {
  if (typeof prototype === 'function') throw new HarnessError('test-not-on-instance', { test: String(key) });
  const constructor = prototype.constructor as Constructor;
  const { declared, bind } = declareMethod(key, how);
  bind(constructor);
  register({ declared, title: String(key), group: constructor.name, focus: how.focus });
}

function declareStandard(context: ClassMethodDecoratorContext, how: How): void {
  const title = String(context.name);
  if (context.static || context.private) throw new HarnessError('test-not-on-instance', { test: title });
  const unclaimed: Unclaimed = { ...declareMethod(context.name, how), title, focus: how.focus };
  const metadata = context.metadata as { [UNCLAIMED]?: Unclaimed[] } | undefined;
  if (!metadata) throw new HarnessError('decorator-metadata', { test: title });
  if (!Object.hasOwn(metadata, UNCLAIMED)) metadata[UNCLAIMED] = [];
  metadata[UNCLAIMED]?.push(unclaimed);
  // Seen by the registrar at once: one that no class decorator claims is then reported, not lost.
  findRegistrar()?.declare(unclaimed.declared);
}

function declareMethod(
  key: string | symbol,
  { options, declaredAt }: How,
): { declared: Declared; bind(constructor: Constructor): void } {
  const title = String(key);
  let owner: Constructor | undefined;
  const declared: Declared = {
    subject: title,
    layers: () => [...(owner ? defaultsOf(owner) : []), options],
    body: async (ctx) => {
      if (!owner) throw new HarnessError('class-undecorated', { test: title });
      const instance = new owner();
      const method = Reflect.get(instance, key) as TestBody;
      return method.call(instance, ctx);
    },
    declaredAt,
  };
  const bind = (constructor: Constructor): void => {
    owner = constructor;
    declared.subject = `${constructor.name}.${title}`;
    declared.method = { className: constructor.name, method: title };
  };
  return { declared, bind };
}

/** Defaults of the class and of those it extends, the base class first. */
function defaultsOf(constructor: Constructor): TestOptions[] {
  const layers: TestOptions[] = [];
  for (let at: unknown = constructor; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    const own = Reflect.getOwnMetadata(DEFAULTS, at) as TestOptions | undefined;
    if (own) layers.unshift(own);
  }
  return layers;
}

/** Works as a legacy and as a standard class decorator. */
export interface DefaultsDecorator {
  <T extends Constructor>(value: T, context?: ClassDecoratorContext): void;
}

/**
 * Options for every test of the class, under the methods' own. Under standard decorators a class needs this decorator in any case
 * (`@ktstrDefaults()`), because a standard method decorator is not told its class.
 */
export function ktstrDefaults<F extends string = string>(options: TestOptions<F> = {}): DefaultsDecorator {
  return (value, context) => {
    Reflect.defineMetadata(DEFAULTS, options, value);
    const metadata = context?.metadata as { [UNCLAIMED]?: Unclaimed[] } | undefined;
    if (!metadata || !Object.hasOwn(metadata, UNCLAIMED)) return;
    for (const { declared, title, focus, bind } of metadata[UNCLAIMED] ?? []) {
      bind(value);
      register({ declared, title, group: value.name, focus });
    }
  };
}
