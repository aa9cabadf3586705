import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

const OPCODE = { continuation: 0x0, text: 0x1, close: 0x8, ping: 0x9 } as const;

/** One WebSocket frame as a server sends it. */
export function frame(opcode: keyof typeof OPCODE, payload: string, isFinal = true): Buffer {
  const body = Buffer.from(payload);
  const first = OPCODE[opcode] | (isFinal ? 0x80 : 0);
  if (body.length < 126) return Buffer.concat([Buffer.from([first, body.length]), body]);
  if (body.length < 65536) {
    const head = Buffer.from([first, 126, 0, 0]);
    head.writeUInt16BE(body.length, 2);
    return Buffer.concat([head, body]);
  }
  const head = Buffer.alloc(10);
  head.set([first, 127]);
  head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

/** An inspector that answers the upgrade with given bytes behind it, and notes what it is sent. */
export class FakeInspector implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets: Duplex[] = [];
  /** Text messages of the client, unmasked. */
  readonly received: string[] = [];

  private constructor(reply: Buffer) {
    this.#server = createServer((request, response) => {
      if (request.url === '/json/list') {
        response.end(JSON.stringify([{ title: 'fake', webSocketDebuggerUrl: 'ws://127.0.0.1:1/some-id' }], null, 2));
      } else {
        response.writeHead(404).end();
      }
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.push(socket);
      if (request.url !== '/some-id') return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => this.#note(chunk as Buffer));
      this.#note(head);
      return socket.write(
        Buffer.concat([
          Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
          reply,
        ]),
      );
    });
  }

  static async listen(reply: Buffer): Promise<FakeInspector> {
    const inspector = new FakeInspector(reply);
    inspector.#server.listen(0, '127.0.0.1');
    await once(inspector.#server, 'listening');
    return inspector;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #note(bytes: Buffer): void {
    for (let rest = bytes; rest.length >= 6;) {
      const length = (rest[1] ?? 0) & 0x7f;
      const mask = rest.subarray(2, 6);
      const text = rest.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
      this.received.push(Buffer.from(text).toString());
      rest = rest.subarray(6 + length);
    }
  }
}
