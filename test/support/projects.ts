/** Projects for tests: a folder with revision files, written from what matters in them. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { type Outcome, type Running, type StartOptions, slipway, start, succeed } from './cli.ts';
import { createDatabase, query } from './postgres.ts';

/** What matters in a revision; the rest of the file is always the same. */
export interface RevisionSpec {
  readonly id: string;
  /** Without it the revision before in the list; `[]` is a base. */
  readonly revises?: readonly string[];
  readonly message?: string;
  /** Further header lines, such as `transaction none`. */
  readonly header?: readonly string[];
  readonly up: string;
  readonly verify?: string;
  readonly down?: string;
}

/** A folder with a `migrations` folder in it. */
export interface Project {
  readonly root: string;
  readonly migrations: string;
  /** Where a file of the project is. */
  path(name: string): string;
  /** Where the file of a revision is. */
  file(id: string): string;
  /** Writes a file of the project, and the folders above it. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** Adds revisions behind those that are there. */
  add(...revisions: readonly RevisionSpec[]): Promise<void>;
  remove(id: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Writes a project with these revisions, each revising the one before unless it says otherwise. */
export async function createProject(revisions: readonly RevisionSpec[] = []): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-project-'));
  const migrations = join(root, 'migrations');
  await mkdir(migrations);
  const names = new Map<string, string>();
  let last: string | undefined;
  const path = (name: string) => join(root, name);
  const file = (id: string) => join(migrations, names.get(id) ?? `${id}.sql`);
  const add = async (...specs: readonly RevisionSpec[]) => {
    for (const spec of specs) {
      const time = String(20260101000000 + names.size + 1);
      names.set(spec.id, `${time}_${spec.id}.sql`);
      const revises = spec.revises ?? (last === undefined ? [] : [last]);
      await writeFile(file(spec.id), revisionText({ ...spec, revises }));
      last = spec.id;
    }
  };
  await add(...revisions);
  return {
    root,
    migrations,
    path,
    file,
    async write(name, content) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), content);
      return path(name);
    },
    add,
    remove: (id) => rm(file(id)),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** The file of a revision. */
export function revisionText(spec: RevisionSpec): string {
  const { id, revises = [], message = `Revision ${id}`, header = [], up, verify, down } = spec;
  return [
    `-- slipway:revision ${id}`,
    ...(revises.length === 0 ? [] : [`-- slipway:revises ${revises.join(' ')}`]),
    ...header.map((line) => `-- slipway:${line}`),
    `-- ${message}`,
    '',
    '-- slipway:up',
    up,
    ...(verify === undefined ? [] : ['', '-- slipway:verify', verify]),
    '',
    '-- slipway:down',
    down ?? 'select 1;',
    '',
  ].join('\n');
}

/** A project and a database that last as long as the test file. */
export interface Place {
  readonly project: Project;
  readonly url: string;
  readonly database: string;
  /** Runs the program there. */
  run(args: readonly string[], options?: StartOptions): Promise<Outcome>;
  /** Runs the program there and expects it to succeed. */
  succeed(args: readonly string[], options?: StartOptions): Promise<Outcome>;
  start(args: readonly string[], options?: StartOptions): Running;
  query(sql: string, params?: unknown[]): Promise<Record<string, unknown>[]>;
}

// Tests of a file run at the same time, so that nobody can say earlier what is not needed any more.
const leftovers: (() => Promise<void>)[] = [];

/** Creates a project with these revisions and a database. */
export async function createPlace(...revisions: readonly RevisionSpec[]): Promise<Place> {
  const [project, database] = await Promise.all([createProject(revisions), createDatabase()]);
  leftovers.push(database.drop, () => project[Symbol.asyncDispose]());
  return placeAt(project, database.url);
}

/** The same project with another database, or the same database under another name. */
export function placeAt(project: Project, url: string): Place {
  const there = (options: StartOptions = {}) => ({ cwd: project.root, url, ...options });
  return {
    project,
    url,
    database: new URL(url).pathname.slice(1),
    run: (args, options) => slipway(args, there(options)),
    succeed: (args, options) => succeed(args, there(options)),
    start: (args, options) => start(args, there(options)),
    query: (sql, params) => query(url, sql, params),
  };
}

/** A place whose revisions are applied. */
export async function createUpgraded(...revisions: readonly RevisionSpec[]): Promise<Place> {
  const place = await createPlace(...revisions);
  await place.succeed(['upgrade']);
  return place;
}

afterAll(async () => {
  await Promise.all(leftovers.map((remove) => remove()));
});
