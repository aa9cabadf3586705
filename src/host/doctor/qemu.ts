import { isHarnessError } from '../../errors';
import { scaledMs } from '../../spec/time-scale';
import { runCommand } from '../kernel/run-command';
import { QEMU } from '../machine/qemu/qemu-machine';
import { check, missing, ok, type Check, type Judgement } from './check';
import { isOfQemu, judgeTool, type Tool } from './tools';

const DEADLINE_MS = scaledMs(10_000);

/** The program, the machine it must have, and each firmware file. */
export async function checkQemu(tools: readonly Tool[]): Promise<Check[]> {
  const ofQemu = tools.filter(({ what }) => isOfQemu(what));
  const program = ofQemu.find(({ what }) => what === QEMU);
  if (program === undefined) throw new Error(`examine this host: the table of needs has no ${QEMU}`);
  const firmware = ofQemu.filter(({ what }) => what !== QEMU);
  return [
    check('qemu', 'demo', await judgeProgram(program)),
    check('qemu-microvm', 'demo', await judgeMicrovm(program)),
    ...firmware.map((tool) => check(tool.what, 'demo', judgeTool(tool))),
  ];
}

async function judgeProgram({ place: path, remedy }: Tool): Promise<Judgement> {
  if (path === null) return missing(`${QEMU} is not on PATH`, remedy, { path, version: null });
  const said = await ask(path, '--version');
  const version = qemuVersion(said);
  if (version !== null) return ok(`${version}, ${path}`, { path, version });
  return missing(`${path} --version: ${said.split('\n')[0]}`, reinstall(remedy), { path, version });
}

async function judgeMicrovm({ place: path, remedy }: Tool): Promise<Judgement> {
  if (path === null) return missing(`not known without ${QEMU}`, remedy, { there: null });
  const said = await ask(path, '-machine', 'help');
  if (hasMachine(said, 'microvm')) return ok('QEMU has the machine microvm', { there: true });
  const found = said.includes('Supported machines')
    ? 'this QEMU is built without the machine microvm'
    : `${path} -machine help: ${said.split('\n')[0]}`;
  return missing(found, reinstall(remedy), { there: false });
}

function reinstall(remedy: string): string {
  return `take the QEMU of the distribution: ${remedy}`;
}

/** Null when the text is not what `qemu-system-x86_64 --version` prints. */
export function qemuVersion(text: string): string | null {
  return /^QEMU emulator version (\d+(?:\.\d+)+)/m.exec(text)?.[1] ?? null;
}

/** Whether the list that `-machine help` prints has that machine. */
export function hasMachine(list: string, name: string): boolean {
  return list.split('\n').some((line) => line.split(/\s/)[0] === name);
}

/** What it prints; when it fails, why. */
async function ask(program: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await runCommand(program, args, { purpose: 'ask QEMU', deadlineMs: DEADLINE_MS });
    return stdout.toString().trim();
  } catch (error) {
    if (!isHarnessError(error, 'command-failed')) throw error;
    return [error.fields.reason, error.fields.output.split('\n')[0]].filter(Boolean).join(': ');
  }
}
