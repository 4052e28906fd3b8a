/** Where the properties of a revision's definition stand in its source. Reads tokens, not TypeScript. */

/** A property of the definition's object literal, from its name to the comma behind its value. */
export interface Property {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The definition as it stands in a source. */
export interface DefinitionLayout {
  /** Offset of the object literal; of the default export where it is written elsewhere. */
  readonly start: number;
  /** Empty where the definition is no object literal. */
  readonly properties: readonly Property[];
}

interface Token {
  /** A name, a string's content, or one character of punctuation. */
  readonly text: string;
  readonly kind: 'name' | 'string' | 'other';
  readonly start: number;
  readonly end: number;
}

/** Finds `defineRevision({ … })` or `export default { … }`. */
export function layOutDefinition(source: string): DefinitionLayout {
  const tokens = [...tokensOf(source)];
  const texts = (at: number, ...wanted: readonly string[]) =>
    wanted.every((text, i) => tokens[at + i]?.text === text);
  const find = (...wanted: readonly string[]) => tokens.findIndex((_, at) => texts(at, ...wanted));
  const call = find('defineRevision', '(', '{');
  const bare = find('export', 'default', '{');
  const open = call !== -1 ? call + 2 : bare !== -1 ? bare + 2 : undefined;
  if (open !== undefined) {
    return { start: tokens[open]?.start ?? 0, properties: propertiesOf(tokens, open) };
  }
  return { start: tokens[find('export', 'default')]?.start ?? 0, properties: [] };
}

function propertiesOf(tokens: readonly Token[], open: number): readonly Property[] {
  const properties: Property[] = [];
  let depth = 0;
  let begun: { readonly name: string; readonly start: number } | undefined;
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const isClosing = isPunctuation(token, ')]}');
    if (begun !== undefined && depth === 1 && (isClosing || isPunctuation(token, ','))) {
      properties.push({ ...begun, end: isClosing ? token.start : token.end });
      begun = undefined;
    } else if (begun === undefined && depth === 1 && token.kind !== 'other') {
      const isModifier =
        (token.text === 'async' || token.text === 'get') && tokens[at + 1]?.kind === 'name';
      if (!isModifier) begun = { name: token.text, start: token.start };
    }
    if (isPunctuation(token, '([{')) depth++;
    if (isClosing && --depth === 0) break;
  }
  return properties;
}

function isPunctuation(token: Token, characters: string): boolean {
  return token.kind === 'other' && characters.includes(token.text);
}

const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const BLANK = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?(?:\*\/|$))+/y;
const STRING = /'(?:[^'\\\n\r]|\\[\s\S])*'?|"(?:[^"\\\n\r]|\\[\s\S])*"?/y;
const REGULAR_EXPRESSION = /\/(?:[^/\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+\//y;
const NUMBER = /\d[\w.]*/y;

function* tokensOf(source: string): Generator<Token> {
  let at = 0;
  let before: Token | undefined;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const blank = match(BLANK);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const name = match(NAME);
    const string = match(STRING);
    const other =
      match(NUMBER) ??
      (source[at] === '`' ? template(source, at) : undefined) ??
      (mayBeginExpression(before) ? match(REGULAR_EXPRESSION) : undefined) ??
      source.charAt(at);
    const whole = name ?? string ?? other;
    const token: Token = {
      text: string === undefined ? whole : string.slice(1, -1),
      kind: name !== undefined ? 'name' : string !== undefined ? 'string' : 'other',
      start: at,
      end: at + whole.length,
    };
    yield token;
    before = token;
    at = token.end;
  }
}

/** A slash behind a value divides; anywhere else it begins a regular expression. */
function mayBeginExpression(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'name') return /^(?:return|typeof|case|in|of|await|void)$/.test(before.text);
  return before.kind === 'other' && /^[^\w)\]}`]/.test(before.text);
}

/** A template literal from its first backtick to its last, with what stands in `${…}`. */
function template(source: string, start: number): string {
  let at = start + 1;
  while (at < source.length && source[at] !== '`') {
    if (source[at] === '\\') at += 2;
    else if (source.startsWith('${', at)) at = substitutionEnd(source, at + 2);
    else at++;
  }
  return source.slice(start, at + 1);
}

function substitutionEnd(source: string, start: number): number {
  let depth = 1;
  for (const token of tokensOf(source.slice(start))) {
    if (isPunctuation(token, '{')) depth++;
    if (isPunctuation(token, '}') && --depth === 0) return start + token.end;
  }
  return source.length;
}
