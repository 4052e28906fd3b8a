/** TypeScript as tokens: enough to find things in it, far from parsing it. */

/** A piece of TypeScript; what stands in a template is inside of one token. */
export interface Token {
  /** A name, a string's content, or one character of punctuation. */
  readonly text: string;
  readonly kind: 'name' | 'string' | 'other';
  readonly start: number;
  readonly end: number;
}

/** Whether a token is one of these characters. */
export function isPunctuation(token: Token, characters: string): boolean {
  return token.kind === 'other' && characters.includes(token.text);
}

const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const BLANK = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?(?:\*\/|$))+/y;
const STRING = /'(?:[^'\\\n\r]|\\[\s\S])*'?|"(?:[^"\\\n\r]|\\[\s\S])*"?/y;
const REGULAR_EXPRESSION = /\/(?:[^/\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+\//y;
const NUMBER = /\d[\w.]*/y;

/** The tokens of a source, without comments. Any text has some. */
export function* tokensOf(source: string): Generator<Token> {
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
