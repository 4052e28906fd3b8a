/** Releases whose scripts are held against online runs: what psql may trip over, and what is plain. */

import type { Revision } from '../../src/core/revision.ts';
import { directoryRelease } from '../../src/files/directory.ts';
import type { Release } from '../../src/runner/ports.ts';
import { parseRevisionFile } from '../../src/sql/revision-file.ts';
import { releaseOf, revision, type Sections } from '../support/graph.ts';
import type { Ways } from '../support/offline.ts';

/** A revision whose file is written here as it is. */
const file = (text: string): Release => releaseOf(parseRevisionFile(text, 'migrations/a.sql'));

/** A release whose one revision has SQL that only the server understands. */
function unparsed(text: string, of: Revision): Release {
  const release = releaseOf(of);
  return {
    ...release,
    async script(asked, section) {
      const known = await release.script(asked, section);
      const [first] = known.statements;
      if (section !== 'up' || first === undefined) return known;
      return { parsed: false, statements: [{ ...first, text, command: 'sql' }] };
    },
  };
}

/** A release, what is done to it, and what the database holds before. */
export interface Case {
  readonly title: string;
  readonly release: Release;
  readonly commands?: readonly string[];
  readonly before?: string;
  readonly ways?: Ways;
}

const one = (sections: Sections & { readonly up: string }, drawing = 'a'): Release =>
  releaseOf(revision(drawing, sections));

/** Every case. */
export const CASES: readonly Case[] = [
  { title: 'a line of revisions', release: releaseOf('a', 'b<-a', 'c<-b') },
  {
    title: 'no revision at all',
    release: releaseOf(),
  },
  {
    title: 'branches and a merge',
    release: releaseOf('a', 'b<-a', 'c<-a', 'd<-b,c'),
    commands: ['upgrade head', 'downgrade d:a', 'upgrade a:d'],
  },
  {
    title: 'several bases and labels',
    release: releaseOf('a label:left', 'b', 'c<-a', 'd<-b label:right'),
    commands: ['upgrade left@head', 'upgrade c:heads', 'downgrade heads:left@base'],
  },
  {
    title: 'depends-on',
    release: releaseOf('a', 'b', 'c<-a depends:b', 'd<-b'),
    commands: ['upgrade c', 'upgrade c:heads', 'downgrade heads:b'],
  },
  {
    title: 'expand and contract',
    release: releaseOf('a', 'b<-a phase:contract compatible:no'),
    ways: { phase: 'expand' },
  },
  {
    title: 'a compatibility floor that rises and falls',
    release: releaseOf('a', 'b<-a compatible:no', 'c<-b', 'd<-c compatible:no', 'e<-d'),
    commands: ['upgrade a', 'upgrade a:c', 'upgrade c:e', 'downgrade e:c', 'downgrade c:base'],
  },
  {
    title: 'one transaction for all',
    release: releaseOf('a', 'b<-a', 'c<-b'),
    ways: { single: true },
  },
  {
    title: 'an index built concurrently, and dropped again',
    release: releaseOf(
      'a',
      revision('b<-a transaction:none', {
        up: 'create index concurrently a_id on a (id);',
        verify: `select count(*) = 1 from pg_indexes where indexname = 'a_id';`,
        down: 'drop index concurrently a_id;',
      }),
      'c<-b',
    ),
    commands: ['upgrade head', 'downgrade c:a', 'upgrade a:b'],
  },
  {
    title: 'an enum that grows outside a transaction',
    release: releaseOf(
      revision('a', { up: `create type mood as enum ('sad');`, down: 'drop type mood;' }),
      revision('b<-a transaction:none', {
        up: [
          `alter type mood add value 'ok';`,
          `-- slipway:only-if select exists (select from pg_enum where enumlabel = 'ok')`,
          `alter type mood add value 'glad';`,
          `-- slipway:only-if select false`,
          `alter type mood add value 'never';`,
        ].join('\n'),
        down: 'select 1;',
      }),
    ),
  },
  {
    title: 'conditions that hold, do not hold, and say nothing',
    release: one({
      up: [
        'create table t (id int);',
        `-- slipway:only-if select to_regclass('t') is not null`,
        'insert into t values (1);',
        `-- slipway:only-if select to_regclass('nothing') is not null; -- a comment`,
        `insert into t values (2); `,
        `-- slipway:only-if select null::boolean`,
        'insert into t values (3);',
        `-- slipway:only-if select true where false`,
        'insert into t values (4);',
        `-- slipway:only-if values (true)`,
        `insert into t values (5);`,
      ].join('\n'),
    }),
  },
  {
    title: 'copied rows, also behind conditions',
    release: one({
      up: [
        'create table t (id int, word text);',
        'copy t (id, word) from stdin;',
        `1\tit's \\\\ "fine" :HOST $$ -- not a comment`,
        '2\t\\N',
        '3\t\uae40\uce58',
        '\\.',
        '-- slipway:only-if select true',
        'copy t from stdin;',
        `6\tdon't`,
        '\\.',
        '-- slipway:only-if select false',
        'copy t from stdin;',
        `7\tdon't "do` + `' this /* $x$ \\\\echo`,
        '\\.',
        `-- slipway:only-if select to_regclass('nothing') is not null`,
        `copy nothing (a, "it's:HOST") from stdin;`,
        '\\.',
        'insert into t values (8);',
      ].join('\n'),
    }),
  },
  {
    title: 'copied rows outside a transaction',
    release: releaseOf(
      'a',
      revision('b<-a transaction:none', {
        up: [
          'create index concurrently i on a (id);',
          '-- slipway:only-if select false',
          'copy a from stdin;',
          '1',
          '\\.',
          '-- slipway:only-if select true',
          'copy a from stdin;',
          '2',
          '\\.',
        ].join('\n'),
      }),
    ),
  },
  {
    title: 'what psql would read as its own variables',
    release: one({
      up: [
        'create table t (a int[], "HOST" int, host int, txt text, j jsonb);',
        `insert into t values ('{1,2,3}', 2, 3, ':HOST :''USER'' :"PORT" \\', '{"k": [1, 2]}');`,
        'create view v as select a[1:host] as one, a[:host] as two, a[1:HOST] as three, txt::text, ',
        `  jsonb_path_query(j, '$.k[*] ? (@ > 1)') as four, a[1::int:"HOST"] as five from t;`,
        `create function f(host int) returns int language plpgsql as $$`,
        `declare x int := 1; begin x:=host; return x; /* ; :host */ end $$;`,
        `create function g(a int, b int) returns int language sql return a + b;`,
        `create function h() returns int begin atomic select g(a => 1, b:= 2); select 3; end;`,
        `create rule r as on insert to v do instead (select 1; select 2);`,
        `insert into t (txt) values (E'it\\'s :HOST; \\' -- no'), (U&'d\\0061t:HOST'), ('a'`,
        `  ';b'), (E'a\\''`,
        `  'b\\';:HOST') -- a comment at the end; with :HOST`,
      ].join('\n'),
    }),
  },
  {
    title: 'quotes within quotes, in the names of dollar quotes too',
    release: one({
      up: [
        'create table t (a text);',
        `insert into t values ($slipway$it's $slipway_1$ here$slipway$), ($verify$x$verify$);`,
        `do $do$ begin execute $x$insert into t values ($slipway$deep$slipway$)$x$; end $do$;`,
        `comment on table t is E'line one\\nline two \\\\ \\'';`,
      ].join('\n'),
      verify: [
        `select a <> $verify$no$verify$ from t;`,
        `select $slipway$yes$slipway$ = 'yes';`,
        `select true; select null; select from t;`,
        `do $$ begin perform 1; end $$;`,
        `select 'false';`,
      ].join('\n'),
    }),
  },
  {
    title: 'Windows line ends',
    release: file(
      [
        '-- slipway:revision a',
        '-- slipway:up',
        'create table t (a text);',
        `insert into t values ('two`,
        `lines');`,
        'create function f() returns text language sql as $$',
        `  select 'x'`,
        '$$;',
        'copy t from stdin;',
        'one',
        '\\.',
        'insert into t values (3)',
        '-- slipway:verify',
        'select count(*) = 3 from t;',
        '-- slipway:down',
        'drop table t;',
        '',
      ].join('\r\n'),
    ),
  },
  {
    title: 'SQL that the parser does not know',
    release: unparsed(
      'create table t (a int);\ninsert into t values (1); -- the end',
      revision('a', { up: 'select 1;' }),
    ),
  },
  {
    title: 'settings and roles that revisions change',
    release: releaseOf(
      revision('a', { up: 'create schema s; set search_path = s; create table t (a int);' }),
      revision('b<-a', {
        up: `set standard_conforming_strings = on; create table u (a text default 'back\\slash');`,
        header: ['lock-timeout 7s', 'statement-timeout 1min'],
      }),
      revision('c<-b', { up: `set local role pg_monitor; select 1;` }),
      'd<-c',
    ),
  },
  {
    title: 'a history schema and a search path of one’s own',
    release: releaseOf('a', 'b<-a'),
    before: 'create schema "my $1 schema"; create schema app',
    ways: { schema: 'my $1 schema', searchPath: 'app, "$user", public' },
  },
  {
    title: 'a schema that an administrator made',
    release: releaseOf('a'),
    before: 'create schema slipway; grant usage on schema slipway to public',
  },
  {
    title: 'irreversible and described in many words',
    release: file(
      [
        '-- slipway:revision a',
        `-- slipway:irreversible because; it's $slipway$ \\ "so"`,
        '-- What; drop table t; \u2028 drop table t; \\echo no :HOST',
        '-- slipway:up',
        'create table t (a int);',
      ].join('\n'),
    ),
  },
  {
    title: 'stamping',
    release: releaseOf('a', 'b<-a compatible:no', 'c<-b', 'd<-a'),
    commands: ['stamp c', 'stamp c:heads', 'stamp heads:base'],
  },
  {
    title: 'the sample revisions',
    release: directoryRelease('migrations'),
    commands: ['upgrade c71be58f04d6', 'downgrade c71b:base', 'upgrade 8c05', 'upgrade 8c05:a64f'],
  },
  {
    title: 'three hundred revisions',
    release: releaseOf(
      ...Array.from({ length: 300 }, (_, i) => (i === 0 ? 'r0' : `r${i}<-r${i - 1}`)),
    ),
  },
];
