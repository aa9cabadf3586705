import { decodeMessage } from '../../protocol/decode-message';
import { FrameDecoder, type DecodedItem } from '../../protocol/frame-decoder';
import { scaledMs } from '../../spec/time-scale';
import type { GuestRun, HostStop, LoopFrame, MessageListener } from './guest-run';
import type { Machine } from './machine';

/** Time limits in host milliseconds; each expiry says what was seen last. */
export interface GuestDeadlines {
  /** Longest silence on all lines before the test starts. */
  silenceMs: number;
  /** From spawn to the start of the test, however much the guest prints. */
  bootMs: number;
  /** From the start of the test to its result. */
  testMs: number;
  /** From the result to the end of the machine. */
  poweroffMs: number;
}

export interface WatchOptions {
  deadlines: GuestDeadlines;
  /** `performance.now()` at spawn. */
  startedAt: number;
  onMessage?: MessageListener;
  /** Called when the host is about to end a machine that runs; it is ended when the promise settles. Bounds its own time. */
  beforeStop?: () => Promise<void>;
  /** Told the guest-physical address of the kernel's VMCOREINFO note, from init on. */
  onKernelLocated?: (gpa: number) => void;
}

const PANIC = /Kernel panic - not syncing: (.*)/;
/** Told after the stack of a panic; from then on the kernel waits for its reset. */
const PANIC_END = /Rebooting in \d+ seconds/;
/** A panicked kernel comes to its end within milliseconds; one that hangs on the way is ended after this. */
const PANIC_GRACE_MS = scaledMs(1_000);
/**
 * The kernel measures the timer of its CPU against the TSC (arch/x86/kernel/apic/apic.c, calibrate_APIC_clock). When a busy host takes the
 * vcpu off its CPU in that moment, the kernel gives the timer up, and a microvm has no other: it never gets any further.
 */
export const TIMER_LOST = /APIC (frequency too slow|timer disabled due to verification failure).*/;
/** Of the console, looked at again with what is new: a panic with its stack. */
const TAIL_CHARS = 8_000;
const EARLY_LINE = /^(stage|fault|spin|vmcoreinfo) (.*)$/;

/** Follows a guest until its machine has ended, ending it itself when a deadline passes or the kernel panics. */
export async function watchGuest(machine: Machine, options: WatchOptions): Promise<GuestRun> {
  const watch = new GuestWatch(machine, options);
  const exit = await machine.exited;
  return watch.finish(exit);
}

class GuestWatch {
  readonly #machine: Machine;
  readonly #options: WatchOptions;
  readonly #decoder = new FrameDecoder();
  readonly #run: GuestRun;
  #timer: NodeJS.Timeout | undefined;
  #panicTimer: NodeJS.Timeout | undefined;
  #earlyText = '';
  #lastSeen = 'nothing';

  constructor(machine: Machine, options: WatchOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#run = {
      messages: {},
      schedulers: new Map(),
      seenAtMs: new Map(),
      loop: null,
      vmcoreinfoGpa: null,
      faults: [],
      stop: null,
      exit: { kind: 'poweroff' },
      consoleText: '',
      droppedBytes: 0,
      endedAtMs: 0,
    };
    this.#expectSound();
    machine.console.onData((chunk) => this.#takeConsole(chunk));
    machine.early.onData((chunk) => this.#takeEarly(chunk));
    machine.port.onData((chunk) => this.#takeItems(this.#decoder.push(chunk)));
  }

  finish(exit: GuestRun['exit']): GuestRun {
    clearTimeout(this.#timer);
    clearTimeout(this.#panicTimer);
    this.#takeItems(this.#decoder.end());
    this.#run.exit = exit;
    this.#run.consoleText = this.#machine.console.text();
    this.#run.endedAtMs = this.#now();
    return this.#run;
  }

  #now(): number {
    return performance.now() - this.#options.startedAt;
  }

  #takeConsole(chunk: Buffer): void {
    this.#sound('console output');
    const tail = this.#machine.console.text().slice(-chunk.length - TAIL_CHARS);
    const lost = this.#run.seenAtMs.size === 0 && TIMER_LOST.exec(tail)?.[0];
    if (lost) this.#end({ why: 'timer-lost', message: lost.trim() });
    const panic = PANIC.exec(tail)?.[1];
    if (panic !== undefined) this.#expectReset(panic);
  }

  #expectReset(panic: string): void {
    const end = (): void => this.#end({ why: 'panic', message: panic });
    if (PANIC_END.test(this.#machine.console.text().slice(-TAIL_CHARS))) end();
    else this.#panicTimer ??= setTimeout(end, PANIC_GRACE_MS);
  }

  #takeEarly(chunk: Buffer): void {
    const lines = (this.#earlyText + chunk.toString('latin1')).split('\n');
    this.#earlyText = lines.pop() ?? '';
    for (const line of lines) this.#takeEarlyLine(line);
  }

  #takeEarlyLine(line: string): void {
    const [, word, rest = ''] = EARLY_LINE.exec(line.trim()) ?? [];
    if (word === 'fault') this.#run.faults.push(rest);
    if (word === 'spin') {
      this.#run.loop = parseLoop(rest);
      this.#limit('poweroff', this.#options.deadlines.poweroffMs);
    }
    if (word === 'vmcoreinfo') this.#locateKernel(rest);
    if (word === 'stage') this.#stage(rest.split(' ')[0] ?? '');
  }

  #locateKernel(rest: string): void {
    const [, address] = /^0x([0-9a-f]{1,16}) [0-9a-f]+$/.exec(rest) ?? [];
    if (address === undefined) return;
    const gpa = Number.parseInt(address, 16);
    this.#run.vmcoreinfoGpa = gpa;
    this.#options.onKernelLocated?.(gpa);
  }

  #stage(stage: string): void {
    if (!this.#run.seenAtMs.has(stage)) this.#run.seenAtMs.set(stage, this.#now());
    this.#sound(`stage ${stage}`);
  }

  #takeItems(items: readonly DecodedItem[]): void {
    for (const item of items) {
      if (item.type === 'damage') this.#run.droppedBytes += item.damage.bytes;
      else this.#takeFrame(item.frame);
    }
  }

  #takeFrame(frame: Parameters<typeof decodeMessage>[0]): void {
    const decoded = decodeMessage(frame);
    if (!decoded.ok) {
      this.#run.faults.push(`message: ${JSON.stringify(decoded.problem)}`);
      return;
    }
    const { kind, ...fields } = decoded.message;
    Object.assign(this.#run.messages, { [kind]: fields });
    if (decoded.message.kind === 'scheduler') this.#run.schedulers.set(decoded.message.index, decoded.message.run);
    this.#options.onMessage?.(decoded.message);
    this.#stage(kind);
    if (kind === 'testStart') this.#limit('the result of the test', this.#options.deadlines.testMs);
    if (kind === 'result' || kind === 'departure') this.#limit('poweroff', this.#options.deadlines.poweroffMs);
  }

  /** Any output before the test starts puts the deadline off; while the test runs, silence is normal, and after it noise changes nothing. */
  #sound(what: string): void {
    this.#lastSeen = what;
    const { testStart, departure, result } = this.#run.messages;
    if (!testStart && !departure && !result) this.#expectSound();
  }

  #expectSound(): void {
    const { silenceMs, bootMs } = this.#options.deadlines;
    const bootLeftMs = bootMs - this.#now();
    if (bootLeftMs > silenceMs) this.#limit('a sign of life', silenceMs);
    else this.#limit('the start of the test', Math.max(bootLeftMs, 0), bootMs);
  }

  /** @param toldMs the limit that is spoken of, where `ms` is what is left of it */
  #limit(awaited: string, ms: number, toldMs = ms): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const at = (this.#now() / 1000).toFixed(1);
      const message = `no ${awaited.replace(/^(the|a) /, '')} within ${toldMs} ms; last seen: ${this.#lastSeen}, ${at} s after spawn`;
      this.#end({ why: 'deadline', message });
    }, ms);
  }

  #end(stop: HostStop): void {
    if (this.#run.stop !== null) return;
    this.#run.stop = stop;
    // Of a machine that has only begun to boot there is nothing to see.
    const look = stop.why === 'timer-lost' ? undefined : this.#options.beforeStop?.();
    if (look === undefined) void this.#machine.stop();
    else void look.finally(() => this.#machine.stop());
  }
}

function parseLoop(json: string): LoopFrame[] | null {
  try {
    const frames = JSON.parse(json) as { f: string; u: string; l: number; c: number }[];
    return frames.map((frame) => ({ functionName: frame.f, url: frame.u, line: frame.l, column: frame.c }));
  } catch {
    // A guest that goes down while it speaks leaves half a line.
    return null;
  }
}
