/** Rules about constraints of domains. */

import { isNew } from '../../analysis/created.ts';
import { type Body, bodiesOf, bodyOf, stringsOf, words } from '../../analysis/tree.ts';
import type { Problem, Rule } from '../rule.ts';
import { placeOfName } from '../word-place.ts';

/** `domain-constraint`. */
export const DOMAIN_CONSTRAINT: Rule = {
  id: 'domain-constraint',
  severity: 'error',
  title: 'a constraint of an existing domain, for which all tables that use it are read',
  why: `A constraint that is added to a domain is held against every value of it, in every table that has a column of that domain. Postgres takes a share lock on all of those tables at once, and keeps it while it reads them one after the other: nobody can insert, update or delete in any of them meanwhile. To validate a constraint that is \`not valid\` takes the same locks.

A domain with a constraint costs later, too: to change a column to it always writes the table anew, since Postgres cannot reason about it.`,
  instead: `Put the check on the columns instead, where it can be added \`not valid\` and validated while everybody works. Where the constraint must be the domain's, add it \`not valid\`: new values obey it at once.`,
  examples: [
    {
      bad: "alter domain email add constraint email_at check (value like '%@%');",
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes the form refuses other addresses already
-- slipway:transaction none
-- Addresses have an at sign

-- slipway:up
alter table users add constraint users_email_at check (email like '%@%') not valid;
alter table users validate constraint users_email_at;

-- slipway:down
alter table users drop constraint users_email_at;`,
    },
  ],
  covers: ['squawk:ban-alter-domain-with-add-constraint'],
  statement(linted, { created, deparse }) {
    const alter = bodyOf(linted.node, 'AlterDomainStmt');
    const name = stringsOf(alter?.typeName);
    if (alter === undefined || isNew(created, 'type', name)) return [];
    const constraint = bodyOf(alter.def, 'Constraint');
    const isAdded = alter.subtype === 'C' && constraint?.skip_validation !== true;
    if (!isAdded && alter.subtype !== 'O' && alter.subtype !== 'V') return [];
    const domain = words(name);
    const what = WHAT[alter.subtype ?? ''] ?? 'a constraint';
    const unchecked: Body<'Constraint'> = { ...constraint, skip_validation: true };
    return [
      {
        message: `every value of domain ${domain} is checked for ${what} while writes wait`,
        ...placeOfName(linted, name.at(-1)),
        why: `A share lock on every table that has a column of type ${domain} is held until all of them are read: inserts, updates and deletes wait.`,
        ...(isAdded && constraint?.contype === 'CONSTR_CHECK'
          ? {
              rewrite: `-- for new values; old ones stay as they are\n${deparse({ AlterDomainStmt: { ...alter, def: { Constraint: unchecked } } })};`,
            }
          : {}),
      },
    ];
  },
};

// The letters are those of the parser's AlterDomainStmt.subtype.
const WHAT: Readonly<Record<string, string>> = {
  C: 'a new constraint',
  O: 'nulls',
  V: 'a constraint that was not valid',
};

/** `create-domain-constraint`. */
export const CREATE_DOMAIN_CONSTRAINT: Rule = {
  id: 'create-domain-constraint',
  severity: 'off',
  title: 'a domain that is created with a constraint',
  why: `A constraint of a domain is hard to change later: a new one is held against all tables that use the domain at once, while their writes wait; and to change a column to a domain with a constraint always writes the table anew. A check of the table can be added \`not valid\` and validated while everybody works.`,
  examples: [
    {
      bad: "create domain email as text check (value like '%@%');",
      good: "create table users (id bigint primary key, email text check (email like '%@%'));",
    },
  ],
  covers: ['squawk:ban-create-domain-with-constraint'],
  statement(linted): readonly Problem[] {
    const domain = bodyOf(linted.node, 'CreateDomainStmt');
    return bodiesOf(domain?.constraints, 'Constraint')
      .filter(({ contype }) => contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL')
      .slice(0, 1)
      .map(({ location }) => ({
        message: `domain ${words(stringsOf(domain?.domainname))} is created with a constraint`,
        ...(location === undefined ? {} : { at: linted.placeOf(location) }),
        why: 'To change it later, all tables that use the domain are read at once while their writes wait.',
      }));
  },
};
