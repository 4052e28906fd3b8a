/** Where the properties of a revision's definition stand in its source. */

import { isPunctuation, type Token, tokensOf } from './tokens.ts';

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
