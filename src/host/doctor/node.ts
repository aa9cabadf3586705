import { compareReleases } from '../kernel/compare-releases';
import { missing, ok, type Judgement } from './check';

/** @param needed as `engines.node` of the manifest says it: `>=20.19` */
export function judgeNode(version: string, needed: string): Judgement {
  const oldest = needed.replace(/^>=/, '');
  const facts = { version, oldest };
  if (compareReleases(version, oldest) >= 0) return ok(version, facts);
  return missing(`${version}, which is too old`, `install Node ${oldest} or later`, facts);
}
