import { createHash } from 'node:crypto';

/** Options of a kernel configuration that are set, without `CONFIG_`: `y`, `m`, a number, or a text with its quotes. */
export function configValues(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}

/** SHA-256 of the options, hexadecimal; comments do not count. */
export function configHash(text: string): string {
  const options = [...configValues(text)].map(([name, value]) => `${name}=${value}\n`);
  return createHash('sha256').update(options.sort().join('')).digest('hex');
}

export interface ConfigFacts {
  schedExt: boolean;
  btf: boolean;
  configHash: string;
}

/** What a stored kernel says about itself by its configuration. */
export function configFacts(text: string): ConfigFacts {
  const values = configValues(text);
  return {
    schedExt: values.get('SCHED_CLASS_EXT') === 'y',
    btf: values.get('DEBUG_INFO_BTF') === 'y',
    configHash: configHash(text),
  };
}
