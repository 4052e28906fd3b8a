/** The revisions that are measured, and how slipway and psql take them. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One revision without the format of any tool. */
export interface SmallRevision {
  /** Counted from 1. */
  readonly number: number;
  /** 12 hex digits. */
  readonly id: string;
  /** When it pretends to have been written; every revision has a second of its own. */
  readonly writtenAt: Date;
  readonly slug: string;
  readonly up: string;
  readonly down: string;
}

/** `count` revisions that each make one small table `t_<number>`. */
export function smallTables(count: number): readonly SmallRevision[] {
  return revisions(count, (number) => ({
    slug: `t_${number}`,
    up: `create table t_${number} (id bigint primary key, a text);`,
    down: `drop table t_${number};`,
  }));
}

/** `count` revisions that each leave one row in `applied`, so that applying one twice shows. */
export function countedInserts(count: number): readonly SmallRevision[] {
  return revisions(count, (number) => {
    const insert = `insert into applied (revision) values (${number});`;
    return {
      slug: `insert_${number}`,
      up: number === 1 ? `create table applied (revision integer not null);\n${insert}` : insert,
      down:
        number === 1 ? 'drop table applied;' : `delete from applied where revision = ${number};`,
    };
  });
}

/** `count` revisions as people write them: of five, one makes a table and the others change it. */
export function dailyWork(count: number): readonly SmallRevision[] {
  return revisions(count, (number) => {
    const table = `t_${number - ((number - 1) % CHANGES.length)}`;
    const change = CHANGES[(number - 1) % CHANGES.length];
    if (change === undefined) throw new Error('every number has a change');
    return {
      slug: `change_${number}`,
      up: change.up.replaceAll('t_N', table),
      down: change.down.replaceAll('t_N', table),
    };
  });
}

const CHANGES: readonly Pick<SmallRevision, 'up' | 'down'>[] = [
  {
    up: `create table t_N (
  id bigint generated always as identity primary key,
  name text not null,
  email text not null check (email like '%@%'),
  state text not null default 'new',
  created_at timestamptz not null default now(),
  unique (email)
);
comment on table t_N is 'what is kept of everybody';`,
    down: 'drop table t_N;',
  },
  {
    up: `alter table t_N add column phone text, add column fax text;
comment on column t_N.phone is 'with the prefix of the country';`,
    down: 'alter table t_N drop column phone, drop column fax;',
  },
  { up: 'create index t_N_name on t_N (name);', down: 'drop index t_N_name;' },
  {
    up: `create view t_N_active as
  select id, name, email from t_N where state = 'active' and created_at > now() - interval '1 year';
grant select on t_N_active to public;`,
    down: 'drop view t_N_active;',
  },
  {
    up: "insert into t_N (name, email) values ('Ada', 'ada@example.com');\ndrop table t_N_old;",
    down: "create table t_N_old (id bigint primary key);\ndelete from t_N where email = 'ada@example.com';",
  },
];

/** `yyyymmddhhmmss` in UTC. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\D/g, '').slice(0, 14);
}

/** Writes a revision directory of slipway's, each revision following the one before. */
export async function writeRevisions(
  dir: string,
  revisions: readonly SmallRevision[],
): Promise<void> {
  await writeFiles(
    dir,
    revisions.map((revision, index) => {
      const parent = revisions[index - 1];
      const text = [
        `-- slipway:revision ${revision.id}`,
        ...(parent === undefined ? [] : [`-- slipway:revises ${parent.id}`]),
        `-- ${revision.slug}`,
        '',
        '-- slipway:up',
        revision.up,
        '',
        '-- slipway:down',
        revision.down,
        '',
      ].join('\n');
      return [`${timestamp(revision.writtenAt)}_${revision.slug}.sql`, text];
    }),
  );
}

/** Writes files below `dir`, which is made when absent. */
export async function writeFiles(
  dir: string,
  files: readonly (readonly [name: string, text: string])[],
): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [name, text] of files) await writeFile(join(dir, name), text);
}

/**
 * The floor of an upgrade: what psql must send for the same statements and the same record of them,
 * with nothing decided, checked or locked. As in slipway, only the last commit is synchronous.
 */
export function psqlScript(
  revisions: readonly SmallRevision[],
  transaction: 'each' | 'single',
): string {
  const lines = [
    ...(transaction === 'each' ? ['set synchronous_commit = off;'] : []),
    'create schema history;',
    `create table history.revision (id text primary key, revises text, checksum text not null,
      up text not null, down text not null, applied_at timestamptz not null default now());`,
    `create table history.summary (id integer primary key, heads text not null, digest text not null);`,
    `insert into history.summary values (1, '', '');`,
  ];
  for (const [index, revision] of revisions.entries()) {
    const checksum = createHash('sha256').update(revision.up).digest('hex');
    const parent = revisions[index - 1]?.id ?? '';
    if (transaction === 'each') {
      if (index === revisions.length - 1) lines.push('set synchronous_commit = on;');
      lines.push('begin;');
    }
    lines.push(
      revision.up,
      `insert into history.revision (id, revises, checksum, up, down)
       values ('${revision.id}', '${parent}', '${checksum}', $sql$${revision.up}$sql$, $sql$${revision.down}$sql$);`,
      `update history.summary set heads = '${revision.id}', digest = '${checksum}' where id = 1;`,
    );
    if (transaction === 'each') lines.push('commit;');
  }
  return `${lines.join('\n')}\n`;
}

function revisions(
  count: number,
  sql: (number: number) => Pick<SmallRevision, 'slug' | 'up' | 'down'>,
): readonly SmallRevision[] {
  const epoch = Date.UTC(2026, 0, 1);
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    return {
      number,
      id: createHash('sha256').update(String(number)).digest('hex').slice(0, 12),
      writtenAt: new Date(epoch + number * 1000),
      ...sql(number),
    };
  });
}
