/** An element of an XML document. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  /** Text and CDATA directly in it, joined. */
  text: string;
  children: XmlElement[];
}

// What XML 1.0 allows in a document, https://www.w3.org/TR/xml/#charsets; a reader refuses all else.
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const TOKEN = /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<[^>]*>|[^<]+/y;
const TAG = /^<(\/?)([\w:.-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>$/;
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Parses a document without a DTD. @throws {Error} when it is not well-formed */
export function parseXml(document: string): XmlElement {
  const forbidden = FORBIDDEN.exec(document);
  if (forbidden) throw new Error(`XML has the character ${JSON.stringify(forbidden[0])} at ${forbidden.index}`);
  const outside: XmlElement = { name: '', attributes: {}, text: '', children: [] };
  const open = [outside];
  for (const token of tokensOf(document)) take(token, open);
  const [root, ...others] = outside.children;
  if (open.length !== 1 || !root || others.length > 0 || outside.text.trim() !== '')
    throw new Error(`XML does not consist of one closed element, but of "${document}"`);
  return root;
}

function tokensOf(document: string): string[] {
  const tokens = document.match(new RegExp(TOKEN, 'gy')) ?? [];
  if (tokens.join('') !== document) throw new Error(`XML breaks off after "${tokens.at(-1)}"`);
  return tokens;
}

/** Applies one token to the elements that are open, the innermost last. */
function take(token: string, open: XmlElement[]): void {
  const inside = open.at(-1);
  if (!inside) throw new Error(`XML has "${token}" outside of everything`);
  if (token.startsWith('<?') || token.startsWith('<!--')) return;
  if (token.startsWith('<![CDATA[')) inside.text += token.slice('<![CDATA['.length, -']]>'.length);
  else if (token.startsWith('<')) takeTag(token, open, inside);
  else inside.text += unescape(token);
}

function takeTag(token: string, open: XmlElement[], inside: XmlElement): void {
  const [, closes, name = '', attributes = '', isEmpty] = TAG.exec(token) ?? [];
  if (name === '' || (closes && name !== inside.name))
    throw new Error(`XML has the tag "${token}" in <${inside.name}>`);
  if (closes) {
    open.pop();
    return;
  }
  const pairs = [...attributes.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
    key,
    unescape(value),
  ]);
  const element = { name, attributes: Object.fromEntries(pairs) as Record<string, string>, text: '', children: [] };
  inside.children.push(element);
  if (!isEmpty) open.push(element);
}

function unescape(text: string): string {
  return text.replace(/&([^;\s]*;?)/g, (whole, entity: string) => {
    const name = entity.slice(0, -1);
    const code = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name);
    const replaced = code ? String.fromCodePoint(code[1] ? parseInt(code[1], 16) : Number(code[2])) : ENTITIES[name];
    if (!entity.endsWith(';') || replaced === undefined) throw new Error(`XML has the entity "${whole}"`);
    return replaced;
  });
}
