import { existsSync, readFileSync } from 'node:fs';
import { HarnessError } from '../src/errors';
import { installCommand, installPackages, isDebianFamily, rootPrefix } from './debian';
import { missingNeeds, type Machine, type Need, type Purpose } from './packages';
import type { Doing } from './step-lines';

/**
 * Sees to what npm cannot bring: installs exactly what is missing where it may, else says what to do.
 * @throws HarnessError `system-packages-missing`
 */
export async function ensureSystemPackages(purposes: readonly Purpose[], doing: Doing): Promise<string> {
  const machine = thisMachine();
  const missing = missingNeeds(machine, purposes);
  if (missing.length === 0) return 'nothing missing';
  const packages = packagesOf(missing);
  if (!isDebianHere()) throw stillMissing(missing, undefined);
  const prefix = await rootPrefix();
  if (prefix === undefined) throw stillMissing(missing, installCommand(packages));
  await installPackages(packages, prefix, doing);
  return confirm(machine, { purposes, packages });
}

/**
 * Installs nothing, but says with which command to.
 * @throws HarnessError `system-packages-missing`
 */
export function requireTools(purposes: readonly Purpose[]): void {
  const missing = missingNeeds(thisMachine(), purposes);
  if (missing.length > 0) throw stillMissing(missing, isDebianHere() ? installCommand(packagesOf(missing)) : undefined);
}

function thisMachine(): Machine {
  return { path: process.env['PATH'] ?? '', root: '/' };
}

function isDebianHere(): boolean {
  return existsSync('/etc/os-release') && isDebianFamily(readFileSync('/etc/os-release', 'utf8'));
}

function packagesOf(needs: readonly Need[]): string[] {
  return [...new Set(needs.map((need) => need.debianPackage))];
}

function confirm(machine: Machine, options: { purposes: readonly Purpose[]; packages: string[] }): string {
  const missing = missingNeeds(machine, options.purposes);
  if (missing.length > 0) throw stillMissing(missing, installCommand(packagesOf(missing)));
  return `installed ${options.packages.join(', ')}`;
}

function stillMissing(missing: readonly Need[], command: string | undefined): HarnessError {
  const needs = missing.map(({ what, why }) => ({ what, why }));
  return new HarnessError('system-packages-missing', command === undefined ? { needs } : { needs, command });
}
