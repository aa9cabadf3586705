import { NEVER_RETURNED } from '../protocol/messages';
import type { AssertResult } from '../verdict/assert-result';
import type { Ctx } from '../spec/declare/ctx';
import { REGISTRAR, type Registrar } from '../spec/declare/registrar';

export interface GuestRegistrarHooks {
  ctx: Ctx;
  /** Called right before the body starts. */
  onStart(): void;
  onResult(result: AssertResult | null): void;
  /** Milliseconds that the body has. */
  timeoutMs: number;
}

/** The registrar of the guest: it runs the body where the host's would boot a machine. */
export function installRegistrar({ ctx, onStart, onResult, timeoutMs }: GuestRegistrarHooks): void {
  const registrar: Registrar = {
    labels: () => [],
    declare: () => undefined,
    async run(declared) {
      onStart();
      const result = await withDeadline(async () => declared.body(ctx), { subject: declared.subject, timeoutMs });
      onResult(result ?? null);
      return null;
    },
  };
  Object.assign(globalThis, { [REGISTRAR]: registrar });
}

async function withDeadline<T>(body: () => Promise<T>, limit: { subject: string; timeoutMs: number }): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(
        `the promise of ${limit.subject} was still pending after ${limit.timeoutMs} ms of guest time (timeoutMs)`,
      );
      error.name = NEVER_RETURNED;
      // Nothing of the author's is on the stack of a timer; the place of the declaration is put in its stead.
      error.stack = '';
      reject(error);
    }, limit.timeoutMs);
  });
  try {
    return await Promise.race([body(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
