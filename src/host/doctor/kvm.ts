import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { isHarnessError } from '../../errors';
import { nativeProgram } from '../../package-root';
import { scaledMs } from '../../spec/time-scale';
import { runCommand } from '../kernel/run-command';
import { check, missing, ok, warn, type Check, type Judgement } from './check';

const DEVICE = '/dev/kvm';
/** KVM's number among the misc devices: include/linux/miscdevice.h. */
const DEVICE_NUMBER = { major: 10, minor: 232 };
/** The only version there has been since Linux 2.6.22: Documentation/virt/kvm/api.rst. */
const API_VERSION = 12;
/** The probe gives up on its own after 3 s. */
const PROBE_DEADLINE_MS = scaledMs(10_000);

const SWITCH_ON = 'switch on virtualisation in the firmware, or nested virtualisation in the hypervisor';

/** What `kvm_probe` prints. */
export interface Probe {
  api: number | null;
  missing: string[];
  guest: 'ran' | 'wrong' | 'timed-out' | 'not-started';
  at: string | null;
  error: string | null;
  elapsedUs: number | null;
}

export async function checkKvm(): Promise<Check[]> {
  const device = judgeDevice(deviceState());
  return [
    check('kvm-device', 'kvm', device),
    check('kvm-cpu', 'kvm', judgeCpu(virtualisationFlag(readFileSync('/proc/cpuinfo', 'utf8')))),
    check('kvm-guest', 'kvm', device.status === 'ok' ? await judgeProbe() : notTried(device)),
  ];
}

export interface DeviceState {
  kind: 'absent' | 'other-file' | 'not-permitted' | 'usable';
}

export function deviceState(): DeviceState {
  const info = statSync(DEVICE, { throwIfNoEntry: false });
  if (info === undefined) return { kind: 'absent' };
  const { major, minor } = deviceNumber(info.rdev);
  const isKvm = info.isCharacterDevice() && major === DEVICE_NUMBER.major && minor === DEVICE_NUMBER.minor;
  if (!isKvm) return { kind: 'other-file' };
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
    return { kind: 'usable' };
  } catch {
    return { kind: 'not-permitted' };
  }
}

/** Low 8 bits of the minor, then 12 of the major, then the rest of the minor: gnu_dev_makedev() of the C library. */
function deviceNumber(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}

export function judgeDevice({ kind }: DeviceState): Judgement {
  switch (kind) {
    case 'usable':
      return ok(`${DEVICE} is there, and this user may use it`, { present: true, permitted: true });
    case 'not-permitted':
      return missing(`${DEVICE} is there, but not for this user`, 'sudo usermod -aG kvm $USER, then log in anew', {
        present: true,
        permitted: false,
      });
    case 'other-file':
    case 'absent':
      return missing(
        kind === 'absent' ? `there is no ${DEVICE}` : `${DEVICE} is there, but is not the device of KVM`,
        'sudo modprobe kvm_intel or kvm_amd; for a container: docker run --device /dev/kvm',
        { present: false, permitted: null },
      );
  }
}

/** The flag with which a CPU tells Linux that it can virtualise: Intel's, AMD's, or none. */
export function virtualisationFlag(cpuinfo: string): 'vmx' | 'svm' | null {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(/\s+/) ?? [];
  return (['vmx', 'svm'] as const).find((flag) => flags.includes(flag)) ?? null;
}

export function judgeCpu(flag: 'vmx' | 'svm' | null): Judgement {
  if (flag !== null) return ok(`the CPU has the flag ${flag}`, { flag });
  return missing('the CPU has neither the flag vmx nor svm, so no Linux runs on this KVM', SWITCH_ON, { flag });
}

function notTried(device: Judgement): Judgement {
  return missing(`not tried: ${device.found}`, device.remedy ?? SWITCH_ON, { guest: 'not-started' });
}

async function judgeProbe(): Promise<Judgement> {
  try {
    const options = { purpose: 'run a tiny guest on KVM', deadlineMs: PROBE_DEADLINE_MS };
    const { stdout } = await runCommand(nativeProgram('host/kvm_probe'), [], options);
    return judgeGuest(JSON.parse(stdout.toString()) as Probe);
  } catch (error) {
    if (isHarnessError(error, 'native-missing'))
      return missing('not tried: native/build/host/kvm_probe is not built', 'npx ktstr setup', {
        guest: 'not-started',
      });
    if (isHarnessError(error, 'command-failed'))
      return missing(`kvm_probe: ${error.fields.reason}`, SWITCH_ON, { guest: 'timed-out' });
    throw error;
  }
}

const ENDS: Record<Probe['guest'], string> = {
  ran: 'ran',
  wrong: 'ended in another way than its instructions say',
  'timed-out': 'did not end within 1 s',
  'not-started': 'did not start',
};

export function judgeGuest(probe: Probe): Judgement {
  const { api, guest, elapsedUs } = probe;
  const facts = { api, guest, missingCapabilities: probe.missing, elapsedUs };
  if (guest !== 'ran') {
    const where = probe.at === null ? '' : ` (${probe.at}${probe.error === null ? '' : `: ${probe.error}`})`;
    return missing(`a guest of a few instructions ${ENDS[guest]}${where}`, SWITCH_ON, facts);
  }
  if (api !== API_VERSION)
    return missing(`KVM has API version ${api}, needed is ${API_VERSION}`, 'boot a Linux since 2.6.22', facts);
  if (probe.missing.length > 0)
    return warn(`a tiny guest ran, but KVM lacks ${probe.missing.join(', ')}`, 'boot a newer kernel', facts);
  return ok(`a guest of a few instructions ran in ${((elapsedUs ?? 0) / 1000).toFixed(1)} ms`, facts);
}
