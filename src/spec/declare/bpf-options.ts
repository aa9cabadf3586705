import { z } from 'zod';
import { type BpfMapWatch, type BpfMapWrite, WATCH_KINDS } from '../../verdict/monitor/bpf-settings';
import { documented } from './option-schema';

const name = z.string().min(1);
const value = z.union([z.number(), z.bigint(), z.boolean(), z.string()]);
const bytes = z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]);

const mapWrite = z.union([
  z.strictObject({ variable: name, value }),
  z.strictObject({ map: name, field: name, value }),
  z.strictObject({ map: name, offset: z.int().min(0), bytes: bytes.default(4), value: z.union([z.int(), z.bigint()]) }),
]) satisfies z.ZodType<BpfMapWrite>;

export const bpfMapWriteOption = documented(z.union([mapWrite, z.array(mapWrite)]).default([]), {
  about:
    "written by the host into the memory of the scheduler's BPF program when that is attached and before the test begins: all of it, or the test " +
    'fails. A variable is named with a path into it; a map, which is an array, by how its name ends',
  allowed:
    'one or a list of { variable, value }, { map, field, value } and { map, offset, value }, the latter with bytes, which is 1, 2, 4 or 8',
  default: '[], nothing is written',
  example: `{ variable: 'stall', value: 1 }`,
});

const kind = { as: z.enum(WATCH_KINDS), label: z.string().regex(/^\w+$/) };

const mapWatch = z.union([
  z.strictObject({ variable: name, ...kind }),
  z.strictObject({ map: name, field: name, ...kind }),
]) satisfies z.ZodType<BpfMapWatch>;

export const watchBpfMapsOption = documented(
  z
    .array(mapWatch)
    .default([])
    .refine((all) => new Set(all.map(({ label }) => label)).size === all.length, { error: 'labels that differ' }),
  {
    about:
      "values in the memory of the scheduler's BPF program that the monitor samples while the guest runs; they are in the samples and the metrics of the " +
      'result. Those of the scheduler, the class and the test are joined',
    allowed: `a list of { variable, as, label } or { map, field, as, label }, as being one of ${WATCH_KINDS.join(', ')}`,
    default: '[]',
    example: `[{ variable: 'nr_dispatched', as: 'counter', label: 'dispatched' }]`,
  },
);
