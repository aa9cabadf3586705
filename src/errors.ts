/**
 * Every fault of the harness itself. `code` is stable and meant for programs; the text is built here from the fields, so that
 * tests and callers never parse messages. What the scheduler or the test did wrong is data (`verdict/`), not an error.
 */
const BRAND = Symbol.for('ktstr.error');

export interface OptionIssue {
  /** Dotted option name, e.g. `llcs`. */
  option: string;
  /** The value as given, rendered with `JSON.stringify` or `String`. */
  value: string;
  /** What is allowed, e.g. `a whole number from 1 to 252`. */
  allowed: string;
  /** A valid example, e.g. `llcs: 2`. */
  example: string;
}

const mib = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;

const TEXTS = {
  'options-invalid': (f: { subject: string; issues: readonly OptionIssue[] }) =>
    [
      `declare ${f.subject}: ${f.issues.length === 1 ? 'an option is' : `${f.issues.length} options are`} not possible`,
      ...f.issues.map((i) => `  ${i.option}: got ${i.value}, allowed is ${i.allowed}, e.g. ${i.example}`),
    ].join('\n'),
  'class-undecorated': (f: { test: string }) =>
    `declare ${f.test}: its class is not known, because a standard decorator is not told it. Put @ktstrDefaults() on the class, or ` +
    `set "experimentalDecorators" where the file is compiled (the preset does)`,
  'decorator-metadata': (f: { test: string }) =>
    `declare ${f.test}: the compiler's standard decorators carry no metadata. Use a compiler that follows the 2023-11 proposal, or ` +
    `set "experimentalDecorators"`,
  'decorator-not-called': (f: { test: string }) =>
    `declare ${f.test}: its decorator stands without parentheses, so there would be no test. Write @ktstrTest()`,
  'test-not-on-instance': (f: { test: string }) =>
    `declare ${f.test}: it is static or private, and a test is called on an instance of its class. Make it a public method without static`,
  'no-registrar': (f: { test: string }) =>
    `run "${f.test}": no ktstr environment is loaded. Set preset: 'ktstr' or testEnvironment: 'ktstr/environment' in the Jest ` +
    `configuration, or start the file with the docblock @jest-environment ktstr/environment`,
  'time-scale': (f: { value: string; most: number }) =>
    `read KTSTR_TIME_SCALE: it is "${f.value}", allowed is a number from 1 to ${f.most}`,
  'kernel-build-failed': (f: {
    source: string;
    stage: string;
    reason: string;
    lines: readonly string[];
    log: string;
  }) =>
    [
      `build a kernel from ${f.source}: ${f.stage}: ${f.reason}`,
      ...f.lines.map((line) => `  | ${line}`),
      `The whole log: ${f.log}`,
    ].join('\n'),
  'kernel-build-space': (f: { path: string; neededBytes: number; freeBytes: number }) =>
    `build a kernel in "${f.path}": ${mib(f.freeBytes)} are free there, ${mib(f.neededBytes)} are needed; make room, or set ` +
    `KTSTR_CACHE_DIR to a folder with more`,
  'kernel-cache-unwritable': (f: { path: string; reason: string }) =>
    `store a kernel in "${f.path}": ${f.reason}; set KTSTR_CACHE_DIR to a folder that can be written`,
  'kernel-config-incomplete': (f: { missing: readonly { option: string; why: string; because: string }[] }) =>
    [
      `configure the kernel: ${f.missing.length === 1 ? 'an option that is needed is' : `${f.missing.length} options that are needed are`} not set`,
      ...f.missing.map((m) => `  ${m.option} (${m.why}): ${m.because}`),
    ].join('\n'),
  'kernel-corrupt': (f: { key: string; folder: string; kind: string; reason: string }) =>
    `use the stored kernel ${f.key}: ${f.reason} (${f.kind}). Remove it with: npx ktstr kernel clean --corrupt`,
  'kernel-fetch-failed': (f: { source: string; reason: string; remedy: string }) =>
    `fetch kernel from ${f.source}: ${f.reason}; ${f.remedy}`,
  'kernel-image-unusable': (f: { path: string; reason: string }) =>
    `read kernel image "${f.path}": ${f.reason}; needed is a bzImage or an x86-64 ELF kernel (vmlinux)`,
  'kernel-module-unusable': (f: { path: string; reason: string }) => `read kernel module "${f.path}": ${f.reason}`,
  'kernel-not-found': (f: { tried: readonly { place: string; found: string }[] }) =>
    [
      'find a kernel to boot: there is none',
      ...f.tried.map((t) => `  ${t.place}: ${t.found}`),
      'Get one with: npx ktstr kernel fetch, or with sched_ext: npx ktstr kernel build',
    ].join('\n'),
  'kernel-source-unusable': (f: { path: string; reason: string }) => `build a kernel from "${f.path}": ${f.reason}`,
  'kernel-unknown': (f: { wanted: string; reason: string; held: readonly string[] }) =>
    `find the stored kernel ${f.wanted}: ${f.reason}; ${f.held.length === 0 ? 'none is stored' : `there are ${f.held.join(', ')}`}`,
  'system-packages-missing': (f: { needs: readonly { what: string; why: string }[]; command?: string }) =>
    [
      `set up this machine: ${f.needs.length === 1 ? 'a program or file is' : `${f.needs.length} programs or files are`} missing`,
      ...f.needs.map((need) => `  ${need.what}: ${need.why}`),
      f.command === undefined
        ? 'Install what brings them with the package manager of this system'
        : `Run: ${f.command}`,
    ].join('\n'),
  'command-failed': (f: { purpose: string; command: string; reason: string; output: string }) =>
    `${f.purpose}: ${f.reason}\n  command: ${f.command}${f.output === '' ? '' : `\n${f.output.replace(/^/gm, '  | ')}`}`,
  cgroup: (f: { action: string; cgroup: string; reason: string }) => `${f.action} cgroup ${f.cgroup}: ${f.reason}`,
  'guest-device': (f: { path: string; waitedMs: number }) =>
    `open ${f.path} in the guest: the kernel did not make it within ${f.waitedMs} ms. The kernel needs virtio_console, and virtio_mmio or ` +
    `virtio_pci as the machine has it`,
  'guest-kernel-log': (f: { path: string; waitedMs: number }) =>
    `follow the kernel log of the guest: a line written to ${f.path} did not come back within ${f.waitedMs} ms. The kernel needs CONFIG_PRINTK`,
  'scheduler-control': (f: { action: string; scheduler: string; problem: string }) =>
    `${f.action} scheduler "${f.scheduler}": ${f.problem.startsWith('"') ? f.problem : `it ${f.problem}`}`,
  'scheduler-write': (f: { scheduler: string; file: string; text: string; reason: string }) =>
    `switch on scheduler "${f.scheduler}": "${f.text}" cannot be written to ${f.file} of the guest: ${f.reason}`,
  'scheduler-not-found': (f: {
    scheduler: string;
    variable: string;
    tried: readonly { place: string; found: string }[];
  }) =>
    [
      `find the program of scheduler "${f.scheduler}": it is in none of these places`,
      ...f.tried.map((t) => `  ${t.place}: ${t.found}`),
      `Build it, correct its path, or set ${f.variable} to the program`,
    ].join('\n'),
  'guest-jest': (f: { method: string; supported: readonly string[] }) =>
    `call jest.${f.method}: it means nothing inside a guest. There are jest.${f.supported.join(', jest.')}`,
  'guest-only': (f: { what: string }) =>
    `call ${f.what}: it works inside a guest only. Take hostOnly off the test, or leave the call out`,
  'guest-snapshot': (f: { matcher: string }) =>
    `use ${f.matcher} in a test body: it runs in the guest, which has no snapshot files. Use it in the option after(result), which runs on the host`,
  'tsc-rate': (f: { program: string; output: string }) =>
    `measure the rate of the host's time-stamp counter: ${f.program} printed "${f.output}"`,
  'test-not-found': (f: { test: string; file: string; available: readonly string[] }) =>
    `run "${f.test}" of ${f.file} in the guest: the file defines no such test there. It defines: ${f.available.join(', ') || 'none'}. ` +
    `Declare tests the same way on every run of the file`,
  'machine-start': (f: { machine: string; reason: string; remedy: string }) =>
    `start the ${f.machine} machine: ${f.reason}. ${f.remedy}`,
  'machine-unavailable': (f: { machine: string; reason: string; remedy: string }) =>
    `find the ${f.machine} machine: ${f.reason}. ${f.remedy}`,
  'native-missing': (f: { path: string }) =>
    `use a native program: ${f.path} is not built. Run: npx ktstr setup (in a clone: npm run setup)`,
  decode: (f: { what: string; at: string; problem: string }) => `decode ${f.what}: at ${f.at}: ${f.problem}`,
  'symbol-unknown': (f: { symbol: string }) =>
    `find the kernel symbol "${f.symbol}": this kernel has none of that name`,
  'btf-unknown': (f: { what: string; wanted: string; available: readonly string[] }) =>
    `find ${f.what} "${f.wanted}" in BTF: there is none. Names like it: ${f.available.join(', ') || 'none'}`,
  'view-unknown': (f: { what: string; wanted: string; available: readonly string[] }) =>
    `look at ${f.what} ${f.wanted} of the guest: there is none. There ${f.available.length === 1 ? 'is' : 'are'}: ${f.available.join(', ') || 'none'}`,
  'guest-memory': (f: { action: string; address: string; problem: string }) =>
    `${f.action} kernel memory at ${f.address}: ${f.problem}`,
  'bpf-unknown': (f: { what: string; wanted: string; problem: string; available: readonly string[] }) =>
    `find the BPF ${f.what} "${f.wanted}": ${f.problem}. There are: ${f.available.join(', ') || 'none'}`,
  'bpf-map-type': (f: { map: string; type: string; action: string; types: readonly string[] }) =>
    `${f.action} of the BPF map "${f.map}": it is of type ${f.type}. That is for ${f.types.join(', ')}`,
  'bpf-watch': (f: { place: string; as: string; problem: string }) =>
    `watch ${f.place} of a BPF program as ${f.as}: ${f.problem}`,
  'value-refused': (f: { value: string; type: string; problem: string }) =>
    `write ${f.value} as ${f.type}: ${f.problem}`,
  'no-space': (f: { neededMib: number; tried: readonly string[] }) =>
    `make room for ${f.neededMib} MiB of guest memory or image: ${f.tried.join('; ')}. Free memory, or ask for less with memoryMib`,
  qmp: (f: { command: string; reason: string }) => `send ${f.command} to QEMU: ${f.reason}`,
  'bundle-failed': (f: { entry: string; problem: string }) => `bundle test file "${f.entry}": ${f.problem}`,
  'bundle-native-addon': (f: {
    entry: string;
    addon: string;
    importer: string;
    line: number;
    chain: readonly string[];
  }) =>
    `bundle test file "${f.entry}": native addon "${f.addon}" cannot be taken into the guest. It is imported at ` +
    `${f.importer}:${f.line}, by way of ${f.chain.join(' -> ')}. Keep what needs it out of the test file`,
  'bundle-syntax': (f: { file: string; line: number; column: number; problem: string; source: string }) =>
    `compile ${f.file}:${f.line}:${f.column}: ${f.problem}\n  ${f.source.trim()}`,
  'bundle-unresolved': (f: {
    entry: string;
    specifier: string;
    importer: string;
    line: number;
    chain: readonly string[];
  }) =>
    `bundle test file "${f.entry}": cannot find "${f.specifier}", which is imported at ${f.importer}:${f.line}, by way of ` +
    `${f.chain.join(' -> ')}. Install the package or correct the path`,
  'cache-busy': (f: { kind: string; key: string; pid: number; command: string; waitedMs: number }) =>
    `build ${f.kind} "${f.key}": process ${f.pid} (${f.command}) builds the same and did not finish within ${f.waitedMs} ms. ` +
    `End it, or set KTSTR_CACHE_DIR to another folder`,
  'elf-invalid': (f: { file: string; problem: string }) => `read ELF file "${f.file}": ${f.problem}`,
  'frame-too-large': (f: { kind: string; bytes: number; limitBytes: number }) =>
    `send "${f.kind}" frame: its payload has ${f.bytes} bytes, the limit is ${f.limitBytes}`,
  'worker-kit-error': (f: { waitingFor: string; what: string; errno: number; text: string }) =>
    `run workers: the worker kit could not do "${f.what}": ${f.text} (errno ${f.errno}); waiting for it: ${f.waitingFor}`,
  'worker-kit-garbled': (f: { waitingFor: string; got: string }) =>
    `run workers: the worker kit said ${f.got}, which answers nothing; waiting for it: ${f.waitingFor}`,
  'worker-kit-gone': (f: { waitingFor: string; how: string; lastSeen: string }) =>
    `run workers: the worker kit ${f.how}; waiting for it: ${f.waitingFor}; last seen of it: ${f.lastSeen}`,
  'worker-kit-launch': (f: { program: string; reason: string }) =>
    `run workers: the worker kit ${f.program} does not start: ${f.reason}`,
  'worker-kit-silent': (f: { waitingFor: string; limitMs: number; lastSeen: string }) =>
    `run workers: the worker kit did not answer "${f.waitingFor}" within ${f.limitMs} ms; last seen of it: ${f.lastSeen}`,
  'worker-report-invalid': (f: { cgroup: string; reason: string }) =>
    `read the report of a worker of cgroup "${f.cgroup}": ${f.reason}`,
  'image-entry-invalid': (f: { guestPath: string; problem: string }) =>
    `put "${f.guestPath}" into the guest image: ${f.problem}`,
  'image-source-unreadable': (f: { guestPath: string; hostPath: string; problem: string }) =>
    `put "${f.guestPath}" into the guest image: its source "${f.hostPath}" cannot be read: ${f.problem}`,
  'library-missing': (f: { file: string; soname: string; tried: readonly string[] }) =>
    [
      `find library "${f.soname}": "${f.file}" needs it and it is in none of these places`,
      ...f.tried.map((t) => `  ${t}`),
    ].join('\n'),
  vmm: (f: { code: number; phase: string; call: string; detail: string }) =>
    `make or run a KVM machine (${f.phase}): ${f.call}: ${f.detail} (errno ${f.code})`,
  monitor: (f: { code: number; phase: string; call: string; detail: string }) =>
    `look into a guest (${f.phase}): ${f.call}: ${f.detail} (errno ${f.code})`,
  'native-library': (f: { path: string; reason: string }) =>
    `load ${f.path}: ${f.reason}. Build it anew with: npx ktstr setup (in a clone: npm run setup)`,
  'lz4-failed': (f: { problem: string }) => `compress the guest image with lz4: ${f.problem}`,
} as const;

type Texts = typeof TEXTS;
export type ErrorCode = keyof Texts;
export type ErrorFields<C extends ErrorCode> = Parameters<Texts[C]>[0];

export class HarnessError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly fields: ErrorFields<C>;
  readonly [BRAND] = true;

  constructor(code: C, fields: ErrorFields<C>, options?: ErrorOptions) {
    super((TEXTS[code] as (f: ErrorFields<C>) => string)(fields), options);
    this.name = 'HarnessError';
    this.code = code;
    this.fields = fields;
  }
}

/** True for errors of any realm: Jest gives every test file its own `Error`, so `instanceof` does not hold across realms. */
export function isHarnessError<C extends ErrorCode>(error: unknown, code?: C): error is HarnessError<C> {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as HarnessError).code === code;
}
