import { existsSync, readFileSync } from 'node:fs';
import { HarnessError } from '../src/errors';
import { installCommand, installPackages, isDebianFamily, rootPrefix } from './debian';
import { missingNeeds, type Machine, type Need } from './packages';
import type { Doing } from './step-lines';

/**
 * Sees to what npm cannot bring: installs exactly what is missing where it may, else says what to do.
 * @throws HarnessError `system-packages-missing`
 */
export async function ensureSystemPackages(options: { builds: boolean }, doing: Doing): Promise<string> {
  const machine = { path: process.env['PATH'] ?? '', root: '/' };
  const missing = missingNeeds(machine, options);
  if (missing.length === 0) return 'nothing missing';
  const packages = packagesOf(missing);
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!isDebianFamily(osRelease)) throw stillMissing(missing, undefined);
  const prefix = await rootPrefix();
  if (prefix === undefined) throw stillMissing(missing, installCommand(packages));
  await installPackages(packages, prefix, doing);
  return confirm(machine, { ...options, packages });
}

function packagesOf(needs: readonly Need[]): string[] {
  return [...new Set(needs.map((need) => need.debianPackage))];
}

function confirm(machine: Machine, options: { builds: boolean; packages: string[] }): string {
  const missing = missingNeeds(machine, options);
  if (missing.length > 0) throw stillMissing(missing, installCommand(packagesOf(missing)));
  return `installed ${options.packages.join(', ')}`;
}

function stillMissing(missing: readonly Need[], command: string | undefined): HarnessError {
  const needs = missing.map(({ what, why }) => ({ what, why }));
  return new HarnessError('system-packages-missing', command === undefined ? { needs } : { needs, command });
}
