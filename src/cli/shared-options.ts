/** Options and words that several commands share. */

/** The forms of a target that most commands take. */
export const TARGETS = 'heads, current, +N, -N, an id or its beginning, id+N, label@head, label@id';

export const SQL_OPTIONS = [
  ['--sql', 'print a script for psql instead; then the target may be a range a:b'],
  ['-o, --out <file>', 'with --sql: write the script into this file'],
] as const;

/** A list of databases or schemas in place of one. */
export const FLEET_OPTIONS = [
  [
    '--targets <file>',
    'for each database or schema listed in this file: lines "NAME URL", or objects',
  ],
  ['--targets-sql <query>', 'for each that this query answers, asked of the configured database'],
] as const;

export const JSON_OPTION = ['--json', 'answer as JSON on standard output'] as const;
