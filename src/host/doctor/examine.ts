import { check, type Check } from './check';
import { judgeHostCgroup } from './cgroup';
import { kernelRows, type KernelRow } from './kernel-rows';
import { checkKernels } from './kernels';
import { checkKvm } from './kvm';
import { judgeNativePrograms } from './native-programs';
import { judgeNode } from './node';
import { checkQemu } from './qemu';
import { checkRoom } from './room';
import { checkTools, type Tool } from './tools';
import { judgeVariables } from './variables';

export interface ExamineOptions {
  /** Folder of the package. */
  root: string;
  /** As `engines.node` of the manifest has it. */
  neededNode: string;
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** What packages of the system bring, found or not. */
  tools: readonly Tool[];
  /** A clone also builds the native programs and runs all tests. */
  isClone: boolean;
}

/** What `ktstr doctor --json` prints. */
export interface Report {
  /** The demo can run. */
  ok: boolean;
  /** What the demo runs on; null when it cannot run. */
  machine: 'kvm' | 'emulated' | null;
  checks: Check[];
  kernels: KernelRow[];
}

/** Looks at this host and changes nothing on it. */
export async function examine(options: ExamineOptions): Promise<Report> {
  const { cacheDir, env, root, tools, isClone } = options;
  const kernels = kernelRows(cacheDir);
  const checks = [
    check('node', 'demo', judgeNode(process.versions.node, options.neededNode)),
    ...(await checkQemu(tools)),
    check('native-programs', 'demo', judgeNativePrograms(root)),
    ...(await checkKernels(kernels, { cacheDir, env })),
    ...checkRoom(cacheDir),
    ...(await checkKvm()),
    ...checkTools(tools, { isClone }),
    check('cgroup', 'host', judgeHostCgroup()),
    check('variables', 'host', judgeVariables(env)),
  ];
  const isOk = lacksForDemo(checks).length === 0;
  return { ok: isOk, machine: isOk ? machineOf(checks) : null, checks, kernels };
}

/** What `machine: 'auto'` comes to. */
function machineOf(checks: readonly Check[]): 'kvm' | 'emulated' {
  return checks.some(({ neededFor, status }) => neededFor === 'kvm' && status === 'missing') ? 'emulated' : 'kvm';
}

export function lacksForDemo(checks: readonly Check[]): Check[] {
  return checks.filter(({ neededFor, status }) => neededFor === 'demo' && status === 'missing');
}
