import type { DumpedVariable } from '../../../verdict/monitor/failure-dump';
import { maps } from '../bpf/maps';
import { renderCompact } from '../btf/render-value';
import type { Value } from '../btf/value';
import type { Kernel } from '../kernel/kernel';

/** Constants of a program, in `.rodata`, are known to who wrote it. */
const SECTION = /\.(bss|data)(\.|$)/;
const MAX_VARIABLES = 500;
/** Texts of bpf_printk() and its like, which libbpf's macros make static. */
const FORMAT = /___fmt(\.\d+)?$/;
/** Of a table there is more than a dump can tell. */
const MAX_TEXT = 100;

/** The variables of all BPF programs, in the order of their maps and of memory. */
export function dumpVariables(kernel: Kernel): DumpedVariable[] {
  const found = maps(kernel)
    .flatMap((map) =>
      SECTION.test(map.name) ? map.variables().map((variable) => ({ ...variable, map: map.name })) : [],
    )
    .filter(({ name }) => !FORMAT.test(name));
  return found.slice(0, MAX_VARIABLES).map(({ name, map, object }) => {
    const value = object.value() as Value;
    const text = renderCompact(value);
    return {
      ...{ name, map, isZero: object.bytes().every((byte) => byte === 0) },
      value: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text,
    };
  });
}
