import { constants } from 'node:os';

/** System calls that Node has no function for: native/guest/kit/kit.c. Each throws an Error that names the call it failed in. */
export interface GuestKit {
  /** The pid of a child of the calling thread that has ended and is not reaped yet, or 0. Leaves it as it is. */
  zombie(): number;
  /** Takes the exit status of one child, if it has ended; returns whether it had. */
  reap(pid: number): boolean;
  /** Switches the machine off. Refused outside of process 1. */
  powerOff(): void;
  /** Puts the calling thread, but not what it starts, into SCHED_FIFO. */
  setSchedFifo(priority: number): void;
  /** Has orphaned descendants become children of this process, as they become children of process 1. */
  becomeSubreaper(): void;
  /**
   * Opens the kernel log behind its last record and calls back whenever there are further ones. Returns a descriptor; each read of it takes
   * one record. The watch lasts as long as the process and does not keep it alive.
   */
  watchKernelLog(onReadable: () => void): number;
}

/** Loads the addon at a path. */
export function loadKit(path: string): GuestKit {
  const module = { exports: {} };
  // Not `require`: a bundler would look for the file.
  process.dlopen(module, path, constants.dlopen.RTLD_NOW);
  return module.exports as GuestKit;
}
