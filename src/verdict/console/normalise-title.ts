/**
 * What differs from run to run, and what stays of it. Each rule takes digits or characters away, so that repeating them ends: the number of
 * digits falls, or it stays and the text becomes shorter.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // The count of an oops, and the taint that follows the first one.
  [/\[#\d+\]/g, ''],
  [/\b(?:Not tainted|Tainted: \S+)/g, ''],
  // func+0x1c/0x90 [module]
  [/\+0x[\da-f]+\/0x[\da-f]+(?: \[[\w-]+\])?/gi, ''],
  [/\.(?:isra|constprop|part|cold|llvm)(?:\.\d+)*\b/g, ''],
  // file.c:12:34
  [/(\.(?:c|h|S|rs)):\d+(?::\d+)?!?/g, '$1'],
  // comm[pid]
  [/[^\s[\]]*\[\d+\]/g, ''],
  [/\b(cpu|pid)(?:[#: ]|: )?\d+\b/gi, '$1'],
  [/\b0x[\da-f]+\b/gi, 'ADDR'],
  [/\b(?=[a-f]*\d)[\da-f]{8,}\b/gi, 'ADDR'],
  [/\b\d+(?:\.\d+)?(?:s|ms|us|ns)?\b/g, 'N'],
  [/\s+/g, ' '],
];

/** A title without addresses, offsets, CPU and process numbers, line numbers, tasks and times: the same for the same splat of another run. */
export function normaliseTitle(title: string): string {
  const next = RULES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), title).trim();
  return next === title ? title : normaliseTitle(next);
}
