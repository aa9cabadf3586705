import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import type { Duplex, Writable } from 'node:stream';

import { AnonymousFile } from '../src/host/machine/anonymous-file';
import { FileStream } from '../src/host/machine/file-stream';
import { QEMU } from '../src/host/machine/qemu/qemu-machine';
import { tscKhz } from '../src/host/machine/tsc-rate';
import { TIMER_LOST } from '../src/host/machine/watch-guest';
import { nativeProgram } from '../src/package-root';
import { FD, outerArgs } from './outer-args';
import { outerImage, type OuterProgram } from './outer-image';
import type { OuterKernel } from './outer-kernel';

/** From spawn to the program's start; seen are four seconds, and on a busy host ten times that. */
const BOOT_DEADLINE_MS = 150_000;
/** init says every 5 s of its own time, which is dilated, that it is alive; on a host that runs several machines per core it was late by seconds. */
const SILENCE_MS = 180_000;
const CONSOLE_LIMIT_BYTES = 16 * 1024 * 1024;
const CONSOLE_TAIL_LINES = 15;
const STDERR_TAIL_CHARS = 4_000;

export interface OuterRun {
  kernel: OuterKernel;
  program: OuterProgram;
  /** Where the kernel's console is written at the end. */
  consoleLog: string;
  out: Writable;
  err: Writable;
  /** For the program, from its start to its end. */
  deadlineMs: number;
  /** Seconds of the host in a second of the machine. */
  timeDilation: number;
}

export type OuterEnd =
  | { kind: 'exit'; code: number }
  | { kind: 'signal'; number: number }
  /** The machine died or fell silent before the program ended. */
  | ({ kind: 'lost' } & BadEnd)
  /** The program could not be run, or did not end in time; another machine would not change that. */
  | ({ kind: 'failed' } & BadEnd);

interface BadEnd {
  /** One line. */
  reason: string;
  /** The end of the kernel's console, and what QEMU said. */
  lastSeen: string;
}

export interface OuterResult {
  end: OuterEnd;
  /** Milliseconds from spawn to the program's start; null when it did not start. */
  bootMs: number | null;
  /** Of QEMU, guest pages included; 0 when it ended by itself. */
  peakMemoryKib: number;
}

/** Runs a program in an emulated machine that has KVM. The machine dies with this process, however that ends. */
export async function runInOuterMachine(run: OuterRun): Promise<OuterResult> {
  using initrd = imageFile(outerImage(run.program, run.kernel.modules));
  const args = outerArgs({
    kernelImage: run.kernel.image,
    initrd: initrd.pathForChildren,
    tscKhz: await tscKhz('emulated'),
    timeDilation: run.timeDilation,
    sharedFolder: run.program.sharedFolder,
  });
  // Awaited here: QEMU opens the image by a path that is gone once the image is disposed of.
  return await new OuterMachine(run, args).result;
}

function imageFile(archive: Buffer): AnonymousFile {
  const file = new AnonymousFile(archive.length);
  for (let offset = 0; offset < archive.length;) offset += writeSync(file.fd, archive, offset);
  return file;
}

class OuterMachine {
  readonly result: Promise<OuterResult>;
  readonly #run: OuterRun;
  readonly #child: ReturnType<typeof spawn>;
  readonly #startedAt = performance.now();
  #end: OuterEnd | undefined;
  #bootMs: number | null = null;
  #peakMemoryKib = 0;
  #timer: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;
  #stderr = '';
  readonly #console: FileStream;

  constructor(run: OuterRun, args: readonly string[]) {
    this.#run = run;
    this.#console = new FileStream(CONSOLE_LIMIT_BYTES, () => this.#stop(lost('its kernel prints without end')));
    // The slots follow FD of outer-args.
    const stdio = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', this.#console.writeFd] as const;
    this.#child = spawn(nativeProgram('host/tether'), [String(process.pid), QEMU, ...args], {
      stdio: [...stdio],
      env: process.env,
    });
    this.#console.onData(() => this.#takeConsole());
    this.#timer = this.#expect(BOOT_DEADLINE_MS, lost(`no start of the program within ${BOOT_DEADLINE_MS / 1000} s`));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    this.#line(FD.out).on('data', (chunk: Buffer) => run.out.write(chunk));
    this.#line(FD.err).on('data', (chunk: Buffer) => run.err.write(chunk));
    this.#takeControl(this.#line(FD.control));
    this.result = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#stop(failed(error.message)));
      this.#child.once('close', (code, signal) => resolve(this.#settle(signal ?? `code ${code}`)));
    });
  }

  /** Node's types know five descriptors only; a 'pipe' is a socket pair. */
  #line(fd: number): Duplex {
    const line = (this.#child.stdio as unknown as readonly Duplex[])[fd] as Duplex;
    // QEMU's end closes the line; what that means is told by the process.
    return line.on('error', () => undefined);
  }

  #takeControl(control: Duplex): void {
    let text = '';
    control.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
  }

  #take(line: string): void {
    const [word, rest] = line.split(' ');
    if (word === 'ready') this.#takeStart();
    else if (word === 'alive') this.#expectSign();
    else if (word === 'exit') this.#stop({ kind: 'exit', code: Number(rest) });
    else if (word === 'signal') this.#stop({ kind: 'signal', number: Number(rest) });
    else this.#stop(failed(`init: ${line}`));
  }

  #takeStart(): void {
    this.#bootMs = performance.now() - this.#startedAt;
    clearTimeout(this.#timer);
    const { deadlineMs } = this.#run;
    this.#timer = this.#expect(deadlineMs, failed(`no end of the program within ${deadlineMs / 1000} s`));
    this.#expectSign();
  }

  #expectSign(): void {
    clearTimeout(this.#silence);
    this.#silence = this.#expect(SILENCE_MS, lost(`no sign of life for ${SILENCE_MS / 1000} s`));
  }

  #expect(ms: number, otherwise: OuterEnd): NodeJS.Timeout {
    return setTimeout(() => this.#stop(otherwise), ms);
  }

  /** All that the guest wrote is on its way to us when a line comes that says the end; an orderly end of the machine would add nothing. */
  #stop(end: OuterEnd): void {
    this.#end ??= end;
    this.#measure();
    this.#child.kill('SIGKILL');
  }

  #measure(): void {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      this.#peakMemoryKib = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? this.#peakMemoryKib);
    } catch {
      // Gone before it could be read.
    }
  }

  /** A kernel that has lost its timer never gets any further. */
  #takeConsole(): void {
    if (this.#bootMs !== null) return;
    const line = TIMER_LOST.exec(this.#console.text())?.[0];
    if (line !== undefined) this.#stop(lost(line.trim()));
  }

  /** @param how QEMU ended */
  #settle(how: string): OuterResult {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#console.drain();
    const text = this.#console.text();
    this.#console[Symbol.dispose]();
    writeFileSync(this.#run.consoleLog, text);
    const end = this.#end ?? lost(`it ended by itself (${how})`);
    const tail = text.trimEnd().split(/\r?\n/).slice(-CONSOLE_TAIL_LINES);
    const lastSeen = [...tail, this.#stderr.trim()].map((line) => `  ${line}`).join('\n');
    return {
      end: 'lastSeen' in end ? { ...end, lastSeen } : end,
      bootMs: this.#bootMs,
      peakMemoryKib: this.#peakMemoryKib,
    };
  }
}

function lost(reason: string): OuterEnd {
  return { kind: 'lost', reason, lastSeen: '' };
}

function failed(reason: string): OuterEnd {
  return { kind: 'failed', reason, lastSeen: '' };
}
