import { existsSync, openSync, watch, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { HarnessError } from '../errors';
import { encodeMessage } from '../protocol/encode-message';
import type { Message } from '../protocol/messages';
import { scaledMs } from '../spec/time-scale';

const PORT_DEADLINE_MS = scaledMs(10_000);

/** The line to the host. Writing is synchronous: what was sent is on the host even when the guest dies right after. */
export class Channel {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens the port as soon as the kernel has made it. @throws {HarnessError} `guest-device` after 10 s */
  static async open(path: string): Promise<Channel> {
    await appeared(path);
    return new Channel(openSync(path, 'w'));
  }

  send(message: Message): void {
    const bytes = encodeMessage(message);
    for (let offset = 0; offset < bytes.length;) offset += writeSync(this.#fd, bytes, offset);
  }
}

async function appeared(path: string): Promise<void> {
  if (existsSync(path)) return;
  await new Promise<void>((resolve, reject) => {
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      watcher.close();
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(
      () => finish(new HarnessError('guest-device', { path, waitedMs: PORT_DEADLINE_MS })),
      PORT_DEADLINE_MS,
    );
    const watcher = watch(dirname(path), (_event, name) => name === basename(path) && finish());
    // It may have come between the first look and the watch.
    if (existsSync(path)) finish();
  });
}
