import { Socket } from 'node:net';

/** Reads a pipe, of which it becomes the owner, until its other end is closed. Never rejects. */
export function followPipe(fd: number, onData?: () => void): Promise<void> {
  return new Promise((resolve) => {
    const pipe = new Socket({ fd, readable: true, writable: false });
    pipe.on('error', () => resolve());
    pipe.on('close', () => resolve());
    pipe.on('data', () => onData?.());
  });
}
