import { ok, type Judgement } from './check';

/** Names what of the environment changes what ktstr does. */
export function judgeVariables(env: NodeJS.ProcessEnv): Judgement {
  const set = Object.entries(env)
    .flatMap(([name, value]) => (name.startsWith('KTSTR_') ? [`${name}=${value}`] : []))
    .sort();
  return ok(set.length === 0 ? 'no variable KTSTR_* is set' : set.join(' '), { set });
}
