import { z } from 'zod';

/** What a message about an option says beside its name. `example` is a value, as code. */
export interface OptionHelp {
  allowed: string;
  example: string;
}

/** The help of every option, found by its schema. Rules of a schema's own give their text of what is allowed as their message. */
export const optionHelp = z.registry<OptionHelp>();

interface FieldText extends OptionHelp {
  about: string;
  default: string;
}

export function documented<S extends z.ZodType>(schema: S, text: FieldText): S {
  const described = schema.describe(`${text.about}: ${text.allowed}; default ${text.default}`);
  optionHelp.add(described, { allowed: text.allowed, example: text.example });
  return described;
}

export interface Range {
  min: number;
  max: number;
}

export function wholeText({ min, max }: Range): string {
  return `a whole number from ${min} to ${max}`;
}

export function whole(about: string, range: Range & { default: number; example: number }): z.ZodDefault<z.ZodInt> {
  const schema = z.int().min(range.min).max(range.max).default(range.default);
  const example = String(range.example);
  return documented(schema, { about, allowed: wholeText(range), default: String(range.default), example });
}

/** A whole number whose default depends on other options, see `DERIVED_DEFAULTS`. */
export function derivedWhole(
  about: string,
  range: Range & { default: string; example: number },
): z.ZodOptional<z.ZodInt> {
  const schema = z.int().min(range.min).max(range.max).optional();
  return documented(schema, { ...range, about, allowed: wholeText(range), example: String(range.example) });
}

export function flag(about: string): z.ZodDefault<z.ZodBoolean> {
  return documented(z.boolean().default(false), { about, allowed: 'true or false', default: 'false', example: 'true' });
}

export function strings(about: string, item: z.ZodString, text: OptionHelp): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return documented(z.array(item).default([]), { ...text, about, default: '[]' });
}

export function threshold(about: string, bound: { schema: z.ZodNumber; allowed: string; example: number }) {
  const schema = z.union([bound.schema, z.literal(false)]).optional();
  const allowed = `${bound.allowed}, or false`;
  return documented(schema, { about, allowed, default: 'unset, not checked', example: String(bound.example) });
}

export function check(about: string) {
  const text = { about, allowed: 'true or false', default: 'unset, not checked', example: 'true' };
  return documented(z.boolean().optional(), text);
}

export const ABOVE_ZERO = { schema: z.number().positive(), allowed: 'a number above 0' };
export const FROM_ZERO = { schema: z.number().min(0), allowed: 'a number from 0' };
export const PERCENT = { schema: z.number().min(0).max(100), allowed: 'a number from 0 to 100' };
