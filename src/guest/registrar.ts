import { NEVER_RETURNED } from '../protocol/messages';
import type { AssertResult } from '../verdict/assert-result';
import type { Ctx } from '../spec/declare/ctx';
import { REGISTRAR, type BodyResult, type Registrar } from '../spec/declare/registrar';
import type { Waits } from './waits';

export interface GuestRegistrarHooks {
  ctx: Ctx;
  /** Called right before the body starts. */
  onStart(): void;
  onResult(result: AssertResult | null): void;
  /** Milliseconds that the body has. */
  timeoutMs: number;
  /** What the runtime waits for while the body runs. */
  waits: Waits;
  /** Resolves when the scheduler fails: the body then has only a moment to end. */
  schedulerFailed: Promise<unknown>;
}

/** Chosen: time to collect the workers' reports, within the second that a failure takes at most to be told. */
const FAILED_GRACE_MS = 500;

/** The registrar of the guest: it runs the body where the host's would boot a machine. */
export function installRegistrar(hooks: GuestRegistrarHooks): void {
  const { ctx, onStart, onResult, timeoutMs, waits, schedulerFailed } = hooks;
  const registrar: Registrar = {
    labels: () => [],
    declare: () => undefined,
    async run(declared) {
      onStart();
      const body = async (): Promise<BodyResult> => declared.body(ctx);
      const limited = (): Promise<BodyResult> => Promise.race([body(), schedulerFailed.then(graceOver)]);
      const result = await withDeadline(limited, { subject: declared.subject, timeoutMs, waits });
      onResult(result ?? null);
      return null;
    },
  };
  Object.assign(globalThis, { [REGISTRAR]: registrar });
}

/** A body that goes on regardless is left behind: what happened to its scheduler is the result. */
function graceOver(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FAILED_GRACE_MS));
}

interface Limit {
  subject: string;
  timeoutMs: number;
  waits: Waits;
}

async function withDeadline<T>(body: () => Promise<T>, { subject, timeoutMs, waits }: Limit): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const pending = `the promise of ${subject} was still pending after ${timeoutMs} ms of guest time (timeoutMs)`;
      const error = new Error([pending, waits.text()].filter((part) => part !== '').join(': '));
      error.name = NEVER_RETURNED;
      // Nothing of the author's is on the stack of a timer; the place of the declaration is put in its stead.
      error.stack = '';
      reject(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([body(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
