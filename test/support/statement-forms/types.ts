/** Forms on sequences, types, domains and functions. */

import type { FormFamily } from './form.ts';

/** Sequences. */
export const SEQUENCES: FormFamily = {
  title: 'Sequences',
  forms: [
    { title: 'create a sequence', sql: 'create sequence x' },
    { title: 'create a sequence of a column', sql: 'create sequence x owned by items.a' },
    { title: 'restart a sequence', sql: 'alter sequence tickets restart' },
    { title: 'change a sequence', sql: 'alter sequence tickets increment by 10' },
    { title: 'change the type of a sequence', sql: 'alter sequence tickets as int' },
    { title: 'give a sequence to a column', sql: 'alter sequence tickets owned by items.a' },
    { title: 'give a sequence to nobody', sql: 'alter sequence tickets owned by none' },
    { title: 'rename a sequence', sql: 'alter sequence tickets rename to x' },
    { title: 'move a sequence to another schema', sql: 'alter sequence tickets set schema attic' },
    { title: 'change the owner of a sequence', sql: 'alter sequence tickets owner to pg_monitor' },
    { title: 'set a sequence unlogged', sql: 'alter sequence tickets set unlogged', since: 15 },
    { title: 'drop a sequence', sql: 'drop sequence tickets' },
    { title: 'set a value', sql: "select setval('tickets', 100)" },
    { title: 'draw a value', sql: "select nextval('tickets'::regclass)" },
  ],
};

/** Types, domains, functions. */
export const TYPES: FormFamily = {
  title: 'Types, domains and functions',
  forms: [
    { title: 'create an enum', sql: "create type x as enum ('a')" },
    { title: 'add a label', sql: "alter type mood add value 'mad'" },
    { title: 'rename a label', sql: "alter type mood rename value 'sad' to 'blue'" },
    { title: 'create a composite type', sql: 'create type x as (a int)' },
    { title: 'add an attribute', sql: 'alter type pair add attribute z int cascade' },
    { title: 'drop an attribute', sql: 'alter type pair drop attribute y cascade' },
    { title: 'rename an attribute', sql: 'alter type pair rename attribute x to z cascade' },
    { title: 'drop a type', sql: 'drop type mood' },
    { title: 'drop a type with the columns that have it', sql: 'drop domain positive cascade' },
    { title: 'create a domain', sql: 'create domain x as int check (value > 0)' },
    {
      title: 'add a constraint to a domain',
      sql: 'alter domain positive add constraint x check (value < 100)',
    },
    {
      title: 'add a constraint to a domain that is not valid yet',
      sql: 'alter domain positive add constraint x check (value < 100) not valid',
    },
    {
      title: 'validate a constraint of a domain',
      sql: 'alter domain positive validate constraint is_small',
    },
    { title: 'require a domain', sql: 'alter domain positive set not null' },
    { title: 'let a domain be null', sql: 'alter domain positive drop not null' },
    {
      title: 'drop a constraint of a domain',
      sql: 'alter domain positive drop constraint is_positive',
    },
    { title: 'set the default of a domain', sql: 'alter domain positive set default 1' },
    {
      title: 'create a function',
      sql: "create function x() returns int language plpgsql as 'begin return 1; end'",
    },
    {
      title: 'create a function of a query',
      sql: 'create function x() returns bigint language sql begin atomic select count(*) from items; end',
    },
    {
      title: 'create a function of a query in a string',
      sql: "create function x() returns bigint language sql as 'select count(*) from items'",
      besides: { items: ['access share', 'the body is only text to the parser'] },
    },
    {
      title: 'replace a function',
      sql: "create or replace function answer() returns int language plpgsql as 'begin return 1; end'",
    },
    { title: 'drop a function', sql: 'drop function answer()' },
    {
      title: 'create an event trigger',
      sql: 'create event trigger x on ddl_command_end execute function seen()',
      setup: "create function seen() returns event_trigger language plpgsql as 'begin end'",
    },
    { title: 'create a schema', sql: 'create schema x' },
    { title: 'rename a schema', sql: 'alter schema attic rename to x' },
  ],
};
