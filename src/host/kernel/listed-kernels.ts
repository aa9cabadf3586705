/** The kernels that `KTSTR_KERNEL` names, one or several with commas between them; none when it is not set. */
export function listedKernels(env: NodeJS.ProcessEnv): string[] {
  return (env['KTSTR_KERNEL'] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
