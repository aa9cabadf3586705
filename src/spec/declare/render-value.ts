import { types } from 'node:util';

/** Longest value that a message shows whole. */
const MAX_LENGTH = 200;

/** A value of any kind and realm as a message shows it. Never throws. */
export function renderValue(value: unknown): string {
  const text = asJson(value) ?? asString(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function asJson(value: unknown): string | undefined {
  if (typeof value === 'number' || types.isRegExp(value)) return undefined;
  try {
    return JSON.stringify(value);
  } catch {
    // Cyclic values, bigints and throwing toJSON methods have no JSON.
    return undefined;
  }
}

function asString(value: unknown): string {
  try {
    return typeof value === 'function' ? `function ${value.name}`.trim() : String(value);
  } catch {
    // Objects without a prototype have no toString.
    return Object.prototype.toString.call(value);
  }
}
