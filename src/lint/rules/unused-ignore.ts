/** The rule about `ignore` directives; it is carried out when all others are through. */

import type { Rule } from '../rule.ts';

/** `unused-ignore`. */
export const UNUSED_IGNORE: Rule = {
  id: 'unused-ignore',
  severity: 'warning',
  title: 'an `ignore` directive that keeps nothing back',
  why: 'What it excused was corrected, or its rule is written wrong. Left in the file, it would excuse the next mistake unseen.',
  examples: [
    {
      bad: `-- slipway:ignore drop-table nobody reads it any more
alter table users add column phone text;`,
      good: 'alter table users add column phone text;',
    },
  ],
  covers: ['squawk:unused-ignore'],
};
