import { decodeMessage } from '../src/protocol/decode-message';
import { FrameDecoder } from '../src/protocol/frame-decoder';
import type { GuestStream } from '../src/host/machine/machine';

/** Many times what a boot takes, on a KVM that is emulated as well. */
const DEADLINE_MS = 180_000;
/** The first line of init on COM2: native/guest/init. */
const FIRST_MARK = 'stage init';

/** A guest that has begun to boot, whatever runs it. */
export interface BootedGuest extends AsyncDisposable {
  console: GuestStream;
  early: GuestStream;
  port: GuestStream;
  exited: Promise<unknown>;
}

/** Host milliseconds since the start of a machine. */
export interface BootTimes {
  /** To the first instructions of user space. */
  init: number;
  /** To the result of the test. */
  result: number;
}

/** @throws {Error} with the guest's console when the guest ends, or the deadline passes, before there is a result */
export async function bootTimes(guest: BootedGuest, startedAt: number): Promise<BootTimes> {
  const since = (): number => performance.now() - startedAt;
  const init = firstMark(guest).then(since);
  const result = resultOf(guest).then(since);
  let timer: NodeJS.Timeout | undefined;
  const otherwise = new Promise<never>((_, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}\n${guest.console.text().slice(-2_000)}`));
    timer = setTimeout(() => fail(`no result within ${DEADLINE_MS} ms`), DEADLINE_MS);
    // What it wrote last is read before its end is told.
    guest.exited.then(
      () => setTimeout(() => fail('the guest ended without a result'), 1_000),
      (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
    );
  });
  try {
    const [initMs, resultMs] = await Promise.race([Promise.all([init, result]), otherwise]);
    return { init: initMs, result: resultMs };
  } finally {
    clearTimeout(timer);
    otherwise.catch(() => undefined);
  }
}

function firstMark({ early }: BootedGuest): Promise<void> {
  return new Promise((resolve) => {
    early.onData(() => {
      if (early.text().includes(FIRST_MARK)) resolve();
    });
  });
}

function resultOf({ port }: BootedGuest): Promise<void> {
  const decoder = new FrameDecoder();
  return new Promise((resolve) => {
    port.onData((chunk) => {
      for (const item of decoder.push(chunk)) {
        const decoded = item.type === 'frame' ? decodeMessage(item.frame) : undefined;
        if (decoded?.ok && decoded.message.kind === 'result') resolve();
      }
    });
  });
}
