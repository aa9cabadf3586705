import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What machines of this process hold on the host: child processes, descriptors of files without a name, memory files. */
export function heldResources(): { machines: string[]; nameless: string[]; memoryFiles: string[] } {
  return {
    machines: childCommands().filter((command) => /^(qemu|tether)/.test(command)),
    nameless: descriptors().filter((target) => target.endsWith(' (deleted)')),
    memoryFiles: readdirSync('/dev/shm'),
  };
}

function childCommands(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const isChild = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === process.pid;
      return isChild ? [/^Name:\s+(.*)/m.exec(status)?.[1] ?? ''] : [];
    } catch {
      // Gone between listing and reading.
      return [];
    }
  });
}

function descriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // The descriptor of the listing itself.
      return [];
    }
  });
}
