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

/** From spawn to the program's start; seen are four seconds, and on a busy host three times that. */
const BOOT_DEADLINE_MS = 60_000;
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
}

export type OuterEnd =
  | { kind: 'exit'; code: number }
  | { kind: 'signal'; number: number }
  /** The machine did not get to run the program to its end. */
  | { kind: 'lost'; reason: string }
  /** The host was too busy in one moment of the boot; nothing has run yet. */
  | { kind: 'timer-lost'; line: string };

export interface OuterResult {
  end: OuterEnd;
  /** Milliseconds from spawn to the program's start; null when it did not start. */
  bootMs: number | null;
  /** Of QEMU, guest pages included. */
  peakMemoryKib: number;
}

/** Runs a program in an emulated machine that has KVM. The machine dies with this process, however that ends. */
export async function runInOuterMachine(run: OuterRun): Promise<OuterResult> {
  using initrd = imageFile(outerImage(run.program, run.kernel.modules));
  const args = outerArgs({
    kernelImage: run.kernel.image,
    initrd: initrd.pathForChildren,
    tscKhz: await tscKhz('emulated'),
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
  #stderr = '';
  readonly #console: FileStream;

  constructor(run: OuterRun, args: readonly string[]) {
    this.#run = run;
    this.#console = new FileStream(CONSOLE_LIMIT_BYTES, () => this.#stop(lost('its kernel prints without end')));
    // The slots follow FD of outer-args.
    const stdio = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', this.#console.writeFd] as const;
    this.#child = spawn(nativeProgram('host/tether'), [String(process.pid), QEMU, ...args], { stdio: [...stdio] });
    this.#console.onData(() => this.#takeConsole());
    this.#timer = this.#expect('the start of the program', BOOT_DEADLINE_MS);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    this.#line(FD.out).on('data', (chunk: Buffer) => run.out.write(chunk));
    this.#line(FD.err).on('data', (chunk: Buffer) => run.err.write(chunk));
    this.#takeControl(this.#line(FD.control));
    this.result = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#stop(lost(error.message)));
      this.#child.once('close', () => resolve(this.#settle()));
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
    if (word === 'ready') {
      this.#bootMs = performance.now() - this.#startedAt;
      clearTimeout(this.#timer);
      this.#timer = this.#expect('the end of the program', this.#run.deadlineMs);
    } else if (word === 'exit') this.#stop({ kind: 'exit', code: Number(rest) });
    else if (word === 'signal') this.#stop({ kind: 'signal', number: Number(rest) });
    else this.#stop(lost(`init: ${line}`));
  }

  #expect(what: string, ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#stop(lost(`no ${what.replace(/^the /, '')} within ${ms / 1000} s`)), ms);
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
    if (line !== undefined) this.#stop({ kind: 'timer-lost', line: line.trim() });
  }

  #settle(): OuterResult {
    clearTimeout(this.#timer);
    this.#console.drain();
    const text = this.#console.text();
    this.#console[Symbol.dispose]();
    writeFileSync(this.#run.consoleLog, text);
    const end = this.#end ?? lost(this.#stderr.trim() || 'the machine ended by itself');
    const tail = text.trimEnd().split(/\r?\n/).slice(-CONSOLE_TAIL_LINES);
    return {
      end: end.kind === 'lost' ? { ...end, reason: [end.reason, ...tail].join('\n  ') } : end,
      bootMs: this.#bootMs,
      peakMemoryKib: this.#peakMemoryKib,
    };
  }
}

function lost(reason: string): OuterEnd {
  return { kind: 'lost', reason };
}
