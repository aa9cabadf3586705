import { DECLARED, type Declared } from './registrar';
import type { TestId } from './test-spec';

/** The part of jest-circus's tree that is read here; the same on the host and in the guest. */
export interface TreeTest {
  type: 'test';
  name: string;
  fn?: unknown;
  mode?: string | undefined | null | void;
}
export interface TreeBlock {
  type: 'describeBlock';
  name: string;
  children: readonly (TreeBlock | TreeTest)[];
}

export interface IdentifiedTest<T extends TreeTest> {
  test: T;
  declared: Declared;
  id: Omit<TestId, 'file'>;
}

export function declaredOf(test: TreeTest): Declared | undefined {
  return (test.fn as { [DECLARED]?: Declared } | undefined)?.[DECLARED];
}

/** Every declared test below a block, in order of definition, each with the name that finds it again in another process. */
export function identifyTests<T extends TreeTest>(root: TreeBlock): IdentifiedTest<T>[] {
  const found: IdentifiedTest<T>[] = [];
  const seen = new Map<string, number>();
  const visit = (block: TreeBlock, ancestors: string[]): void => {
    for (const child of block.children) {
      if (child.type === 'describeBlock') visit(child, [...ancestors, child.name]);
      else add(child, ancestors);
    }
  };
  const add = (test: TreeTest, ancestors: string[]): void => {
    const declared = declaredOf(test);
    if (!declared) return;
    const title = titleOf(test.name, declared.label);
    const key = JSON.stringify([ancestors, test.name]);
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    found.push({ test: test as T, declared, id: { ancestors, title, occurrence } });
  };
  visit(root, []);
  return found;
}

/** The name of a test in Jest, from its title. */
export function labelled(title: string, label: string | undefined): string {
  return label === undefined ? title : `${title} [${label}]`;
}

/** The title of a test, which is its name in the guest, from its name in Jest. */
function titleOf(name: string, label: string | undefined): string {
  return label === undefined ? name : name.slice(0, -labelled('', label).length);
}

/** The full name as Jest prints it. */
export function fullName(id: Pick<TestId, 'ancestors' | 'title'>): string {
  return [...id.ancestors, id.title].join(' ');
}
