/** What is in a password file (`~/.pgpass`): a line `host:port:database:user:password` per login. */

/** Whose password is looked for. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** The password of the first line of `text` that matches, as libpq reads it. */
export function findPassword(text: string, login: Login): string | undefined {
  const wanted = [login.host, String(login.port), login.database, login.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line);
    const password = fields[4];
    if (password === undefined) continue;
    const matches = wanted.every((value, index) => {
      const field = fields[index];
      return field?.raw === '*' || field?.value === value;
    });
    if (matches) return password.value;
  }
  return undefined;
}

/** `raw` tells the wildcard `*` from the escaped one `\*`. */
function splitFields(line: string): { readonly raw: string; readonly value: string }[] {
  return (`:${line}`.match(/:(?:\\.|\\$|[^:\\])*/g) ?? []).map((field) => {
    const raw = field.slice(1);
    return { raw, value: raw.replace(/\\(.)/g, '$1') };
  });
}
