import { accessSync, constants } from 'node:fs';
import { extname, join } from 'node:path';
import { missing, ok, type Judgement } from './check';

/** What the package brings built, under native/build. */
export const NATIVE_PROGRAMS = [
  ...['guest/init', 'guest/workers', 'guest/watchdog', 'guest/kit.node'],
  ...[
    'host/tether',
    'host/tsc_khz',
    'host/kvm_probe',
    'host/libktstr_vmm.so',
    'host/libktstr_monitor.so',
    'host/libktstr_probe.so',
    'host/libktstr_turns.so',
  ],
] as const;

/** @param root folder of the package */
export function judgeNativePrograms(root: string): Judgement {
  const folder = join(root, 'native/build');
  const absent = NATIVE_PROGRAMS.filter((name) => !isUsable(join(folder, name)));
  if (absent.length === 0) return ok(`all ${NATIVE_PROGRAMS.length} in ${folder}`, { folder, absent });
  return missing(`${absent.join(', ')} not built in ${folder}`, 'npx ktstr setup (in a clone: npm run setup)', {
    folder,
    absent,
  });
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, extname(path) === '.node' ? constants.R_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
