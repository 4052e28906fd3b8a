/** An answer with one of everything, for the reports. */

import type { LintAnswer, ReportItem } from '../../../src/lint/report.ts';
import type { Rule } from '../../../src/lint/rule.ts';

const SOURCE = `-- slipway:revision b2
-- Find users

-- slipway:up
create index users_name on users (name);
drop table "Läden";
`;

/** A rule that its findings below come from. */
export const INDEX_RULE: Rule = {
  id: 'index-blocks',
  severity: 'error',
  title: 'an index that is built while writers wait',
  why: 'It takes `share` on the table,\n**until** all rows are read.',
  examples: [{ bad: 'create index on t (a);', good: 'create index concurrently on t (a);' }],
  covers: [],
};

/** Another one, with another severity than its own. */
export const DROP_RULE: Rule = { ...INDEX_RULE, id: 'drop-things', severity: 'warning' };

const nothing = { why: undefined, rewrite: undefined, fix: [], excerpt: '' };

const INDEX: ReportItem = {
  rule: 'index-blocks',
  severity: 'error',
  message: 'index "users_name" blocks writers of "users"',
  why: 'It takes share on "users".\nWriters wait until it is built.',
  rewrite: '-- slipway:transaction none\n\ncreate index concurrently users_name on users (name);\n',
  fix: [
    { offset: SOURCE.indexOf(' users_name'), length: 0, text: ' concurrently' },
    { offset: SOURCE.indexOf('-- Find'), length: 0, text: '-- slipway:transaction none\n' },
  ],
  revision: 'b2',
  file: 'migrations/2 find users.sql',
  line: 5,
  column: 8,
  excerpt: '   4 | -- slipway:up\n   5 | create index users_name on users (name);\n     |        ^',
};

const DROP: ReportItem = {
  ...INDEX,
  ...nothing,
  rule: 'drop-things',
  severity: 'info',
  message: '"Läden" is dropped',
  line: 6,
  column: 1,
};

const BROKEN: ReportItem = {
  ...nothing,
  rule: 'SLIPWAY_FILE_MALFORMED',
  severity: 'error',
  message: 'there is no directive "revison"',
  why: 'Did you mean "revision"?',
  revision: undefined,
  file: 'migrations/1_broken.sql',
  line: 1,
  column: 1,
};

/** Two findings of one rule that read alike, one of another, and a file that cannot be read. */
export const ANSWER: LintAnswer = {
  items: [BROKEN, INDEX, { ...INDEX, ...nothing, line: 9, severity: 'warning' }, DROP],
  verdicts: [
    { revision: 'a1', file: 'a.sql', compatible: 'yes', reason: 'creates table a', line: 5 },
    { revision: 'b2', file: 'b.sql', compatible: 'no', reason: 'drops table b', line: 6 },
    { revision: 'c3', file: 'c.sql', compatible: 'unknown', reason: 'who knows', line: undefined },
  ],
  revisions: 12,
  programs: 1,
  fixed: [{ file: 'migrations/3.sql', rules: ['index-blocks', 'drop-things', 'index-blocks'] }],
  rules: [
    { rule: INDEX_RULE, severity: 'error' },
    { rule: DROP_RULE, severity: 'info' },
  ],
  sources: new Map([['migrations/2 find users.sql', SOURCE]]),
};

/** An answer where nothing was found. */
export const CLEAN: LintAnswer = {
  ...ANSWER,
  items: [],
  verdicts: [],
  programs: 0,
  fixed: [],
  revisions: 1,
};
