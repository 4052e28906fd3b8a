/** Forms of `alter table` on constraints. */

import type { FormFamily } from './form.ts';

/** Constraints. */
export const CONSTRAINTS: FormFamily = {
  title: 'Constraints',
  forms: [
    { title: 'add a check', sql: 'alter table items add constraint x check (a < 1000)' },
    {
      title: 'add a check that is not valid yet',
      sql: 'alter table items add constraint x check (a < 1000) not valid',
    },
    {
      title: 'add a check that is not enforced',
      sql: 'alter table items add constraint x check (a < 1000) not enforced',
      since: 18,
    },
    {
      title: 'add a check to a table with partitions',
      sql: 'alter table events add constraint x check (id >= 0)',
    },
    {
      title: 'add a not-null constraint',
      sql: 'alter table items add constraint x not null b',
      since: 18,
    },
    {
      title: 'add a not-null constraint that is not valid yet',
      sql: 'alter table items add constraint x not null b not valid',
      since: 18,
    },
    {
      title: 'validate a not-null constraint',
      sql: 'alter table items validate constraint x',
      setup: 'alter table items add constraint x not null b not valid',
      since: 18,
    },
    { title: 'validate a check', sql: 'alter table items validate constraint b_short' },
    {
      title: 'add a foreign key',
      sql: 'alter table items add constraint x foreign key (o) references orgs',
    },
    {
      title: 'add a foreign key that is not valid yet',
      sql: 'alter table items add constraint x foreign key (o) references orgs not valid',
    },
    {
      title: 'add a foreign key that is not enforced',
      sql: 'alter table items add constraint x foreign key (o) references orgs not enforced',
      since: 18,
    },
    {
      title: 'validate a foreign key',
      sql: 'alter table items validate constraint x',
      setup: 'alter table items add constraint x foreign key (o) references orgs not valid',
      extra: { 'scan orgs': 'the join may read the other table in full' },
    },
    {
      title: 'add a foreign key to the table itself',
      sql: 'alter table items add constraint x foreign key (o) references items',
    },
    {
      title: 'add a foreign key to a table with partitions',
      sql: 'alter table parts add constraint x foreign key (id) references events',
      setup:
        'drop table events_default, events_1; alter table events add primary key (id); truncate parts',
      idle: { 'scan events': 'it has no partitions' },
    },
    {
      title: 'add a foreign key of a table with partitions',
      sql: 'alter table logs add constraint x foreign key (id) references orgs',
    },
    { title: 'add a unique constraint', sql: 'alter table items add constraint x unique (a)' },
    {
      title: 'add a unique constraint with an index that is there',
      sql: 'alter table items add constraint x unique using index items_c',
    },
    { title: 'add a primary key', sql: 'alter table parts add constraint x primary key (id)' },
    {
      title: 'add a primary key on a required column',
      sql: 'alter table parts add constraint x primary key (id)',
      setup: 'alter table parts alter column id set not null',
      idle: { 'scan parts': 'the column refuses nulls already' },
    },
    {
      title: 'add a primary key with an index that is there',
      sql: 'alter table parts add constraint x primary key using index parts_id',
      setup: 'create unique index parts_id on parts (id)',
    },
    {
      title: 'add an exclusion constraint',
      sql: 'alter table items add constraint x exclude (a with =)',
    },
    {
      title: 'change a constraint to be deferrable',
      sql: 'alter table orders alter constraint orders_user deferrable',
    },
    {
      title: 'change a constraint not to be enforced',
      sql: 'alter table orders alter constraint orders_user not enforced',
      since: 18,
    },
    {
      title: 'change a constraint to be enforced',
      sql: 'alter table orders alter constraint orders_user enforced',
      setup: 'alter table orders alter constraint orders_user not enforced',
      since: 18,
    },
    {
      title: 'change a constraint not to be inherited',
      sql: 'alter table items alter constraint x no inherit',
      setup: 'alter table items add constraint x not null b',
      since: 18,
    },
    { title: 'rename a constraint', sql: 'alter table items rename constraint a_positive to x' },
    { title: 'drop a check', sql: 'alter table items drop constraint a_positive' },
    { title: 'drop a foreign key', sql: 'alter table orders drop constraint orders_user' },
    {
      title: 'drop a check of a table with a foreign key',
      sql: 'alter table orders drop constraint x',
      setup: 'alter table orders add constraint x check (id > 0)',
      spared: { users: 'the constraint is no foreign key' },
    },
    {
      title: 'drop a unique constraint',
      sql: 'alter table users drop constraint users_email',
      spared: {
        orgs: 'the constraint is no foreign key',
        orders: 'the constraint is no foreign key',
      },
    },
    { title: 'drop a primary key', sql: 'alter table items drop constraint items_key' },
    {
      title: 'drop a primary key and the foreign keys on it',
      sql: 'alter table users drop constraint users_pkey cascade',
      spared: { orgs: 'the constraint is no foreign key' },
    },
    {
      title: 'drop a constraint that may be there',
      sql: 'alter table items drop constraint if exists x',
    },
  ],
};
