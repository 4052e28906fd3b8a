/** Reads names of tables as they are written in SQL: `users, app."Order"`. */

/** A table as somebody typed it. */
export interface TypedTable {
  /** Undefined when none is named: the search path decides. */
  readonly schema: string | undefined;
  readonly name: string;
}

/** The names in `text`, which commas separate; undefined where it makes no sense. */
export function readTableNames(text: string): readonly TypedTable[] | undefined {
  const names: TypedTable[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [taken, first = '', second] = NAME.exec(rest) ?? [];
    if (taken === undefined) return undefined;
    const [one, other] = [unquoted(first), second === undefined ? undefined : unquoted(second)];
    names.push(
      other === undefined ? { schema: undefined, name: one } : { schema: one, name: other },
    );
    rest = rest.slice(taken.length);
  }
  return names;
}

const PART = '("(?:[^"]|"")+"|[^\\s".,]+)';
const NAME = new RegExp(`^${PART}(?:\\.${PART})?\\s*(?:,\\s*|$)`, 'u');

/** Without quotes a name is what Postgres makes of it. */
function unquoted(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase();
}
