/** What is wrong with a value: where in the payload (`workers[2].pid`, empty for the payload itself) and what should stand there. */
export interface ShapeFault {
  path: string;
  expected: string;
}

/** A check that a value of JSON is a `T`. Members that the type does not name are let through. */
export type Shape<T> = { readonly checks?: T } & ((value: unknown, path: string) => ShapeFault | null);

type Fields<T> = { [K in keyof T]-?: Shape<T[K]> };

export const text: Shape<string> = (value, path) => (typeof value === 'string' ? null : { path, expected: 'a string' });

export const number: Shape<number> = (value, path) =>
  Number.isFinite(value) ? null : { path, expected: 'a finite number' };

export const integer: Shape<number> = (value, path) =>
  Number.isSafeInteger(value) ? null : { path, expected: 'a whole number' };

export const count: Shape<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? null : { path, expected: 'a whole number from 0' };

export function literal<T extends string>(...allowed: readonly T[]): Shape<T> {
  const expected = allowed.map((value) => JSON.stringify(value)).join(' or ');
  return (value, path) => ((allowed as readonly unknown[]).includes(value) ? null : { path, expected });
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, path) => (value === null ? null : shape(value, path));
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, path) => (value === undefined ? null : shape(value, path));
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return { path, expected: 'a list' };
    for (let index = 0; index < value.length; index += 1) {
      const fault = shape(value[index], `${path}[${index}]`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** Names every member of `T`, so that a member added to a message without its check does not compile. */
export function object<T extends object>(fields: Fields<T>): Shape<T> {
  const entries = Object.entries(fields) as [string, Shape<unknown>][];
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { path, expected: 'an object' };
    for (const [name, shape] of entries) {
      const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      const fault = shape(member, path === '' ? name : `${path}.${name}`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** A union whose members differ in the literal member `kind`. */
export function byKind<T extends { kind: string }>(variants: {
  [K in T['kind']]: Shape<Extract<T, { kind: K }>>;
}): Shape<T> {
  const kinds = object<{ kind: string }>({ kind: literal(...Object.keys(variants)) });
  return (value, path) => {
    const fault = kinds(value, path);
    if (fault !== null) return fault;
    return variants[(value as T).kind as T['kind']](value, path);
  };
}
