import { readFileSync } from 'node:fs';

import { type ClassDeclaration, type ClassMember, parseSync, type Span } from '@swc/core';

export interface Position {
  /** Both count from 1. */
  line: number;
  column: number;
}

export interface MethodName {
  className: string;
  method: string;
}

/**
 * Where a decorated method stands in its source: the position of its first decorator, or null when it cannot be told. Stacks do not say it:
 * compilers give the call of a legacy decorator no position in their source maps.
 */
export function findMethod(file: string, name: MethodName): Position | null {
  try {
    const source = readFileSync(file);
    // Spans count bytes from a start that swc does not tell; a statement in front of the source marks it.
    const { body } = parseSync(`;${source.toString()}`, {
      syntax: 'typescript',
      decorators: true,
      tsx: file.endsWith('x'),
    });
    const start = (body[0]?.span.start ?? 0) + 1;
    const span = classesIn(body)
      .filter(({ identifier }) => identifier?.value === name.className)
      .flatMap((found) => found.body)
      .flatMap(methodSpan(name.method))[0];
    return span ? positionAt(source, span.start - start) : null;
  } catch {
    // A file that swc cannot read was compiled by something else: the stack has to do.
    return null;
  }
}

type ClassNode = Pick<ClassDeclaration, 'body'> & Partial<Pick<ClassDeclaration, 'identifier'>>;

/** Every class below a node of the syntax tree, in order. */
function classesIn(node: unknown): ClassNode[] {
  if (typeof node !== 'object' || node === null) return [];
  const { type } = node as { type?: unknown };
  const own = type === 'ClassDeclaration' || type === 'ClassExpression' ? [node as ClassNode] : [];
  return [...own, ...Object.values(node).flatMap(classesIn)];
}

function methodSpan(method: string): (member: ClassMember) => Span[] {
  return (member) => {
    if (member.type !== 'ClassMethod' || !('value' in member.key) || member.key.value !== method) return [];
    return [member.function.decorators?.[0]?.span ?? member.span];
  };
}

function positionAt(source: Buffer, offset: number): Position {
  const before = source.subarray(0, offset).toString().split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
