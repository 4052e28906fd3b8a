/** Reads XML strictly enough to refuse what is not well-formed. */

/** An element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const TOKEN =
  /<\?xml version="1\.0" encoding="UTF-8"\?>|<\/([\w:-]+)>|<([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

/** The elements at the top; throws where the text is no XML. */
export function readXml(xml: string): readonly XmlElement[] {
  interface Open {
    name: string;
    attributes: Record<string, string>;
    children: XmlElement[];
    text: string;
  }
  const top: Open = { name: '', attributes: {}, children: [], text: '' };
  const path: Open[] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(xml);
    if (match === null) throw new Error(`no XML at ${at}: ${xml.slice(at, at + 60)}`);
    const [, closed, opened, attributes = '', empty, text] = match;
    const current = path.at(-1) ?? top;
    if (closed !== undefined) {
      if (closed !== current.name || path.length === 1)
        throw new Error(`</${closed}> closes <${current.name}>`);
      path.pop();
    } else if (opened !== undefined) {
      const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)];
      const names = pairs.map(([, name = '']) => name);
      if (new Set(names).size < names.length) throw new Error(`<${opened}> has an attribute twice`);
      const element: Open = {
        name: opened,
        attributes: Object.fromEntries(
          pairs.map(([, name = '', value = '']) => [name, unescaped(value)]),
        ),
        children: [],
        text: '',
      };
      current.children.push(element);
      if (empty !== '/') path.push(element);
    } else if (text !== undefined) {
      if (path.length === 1 && text.trim() !== '') throw new Error('text outside the root');
      current.text += unescaped(text);
    }
  }
  if (path.length > 1 || top.children.length !== 1) throw new Error('an element is left open');
  return top.children;
}

const ENTITIES: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids just these
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text))
    throw new Error('a forbidden character');
  return text.replace(/&([^;]*);?/g, (all, name: string) => {
    const number = /^#(\d+)$/.exec(name)?.[1];
    const character = number === undefined ? ENTITIES[name] : String.fromCodePoint(Number(number));
    if (character === undefined || !all.endsWith(';')) throw new Error(`${all} is no entity`);
    return character;
  });
}
