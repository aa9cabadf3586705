import { accessSync, constants, readFileSync } from 'node:fs';

const DEVICE = '/dev/kvm';

/**
 * Why no Linux runs on KVM here, or null. The device alone is no proof: it may be of an emulation that runs few instructions, so the CPU
 * must say that it virtualises.
 */
export function kvmObstacle(
  isUsable: () => boolean = deviceIsUsable,
  cpuinfo: () => string = () => readFileSync('/proc/cpuinfo', 'utf8'),
): string | null {
  if (!isUsable()) return `${DEVICE} is not there, or not for this user`;
  if (!/^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo())) return 'the CPU has neither the flag vmx nor svm';
  return null;
}

function deviceIsUsable(): boolean {
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
