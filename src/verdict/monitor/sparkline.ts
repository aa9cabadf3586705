/** What a sparkline is drawn with: from the lowest level to the highest, and between two steps. */
export interface Glyphs {
  levels: string;
  divider: string;
}

export const UNICODE_GLYPHS: Glyphs = { levels: '▁▂▃▄▅▆▇█', divider: '│' };
export const ASCII_GLYPHS: Glyphs = { levels: '_.-:=+*#', divider: '|' };

/** The glyphs that a terminal with these variables shows: block elements only where its locale says UTF-8. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value) ?? '';
  return /utf-?8/i.test(locale) ? UNICODE_GLYPHS : ASCII_GLYPHS;
}

/**
 * One glyph per value, a blank where there is none. Only values at or below `bottom` have the lowest level, so that little is told from
 * nothing.
 */
export function sparkline(
  values: readonly (number | null)[],
  { bottom, top }: { bottom: number; top: number },
  { levels }: Glyphs,
): string {
  const highest = levels.length - 1;
  const glyph = (value: number): string => {
    const level = value <= bottom ? 0 : Math.max(1, Math.round(((value - bottom) / (top - bottom)) * highest));
    return levels[Math.min(level, highest)] ?? '';
  };
  return values.map((value) => (value === null ? ' ' : glyph(value))).join('');
}
