/** What a scratch server is asked to do beside serving databases: make them, copy them, drop them. */

import { DatabaseFailure } from '../core/database-failure.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Session } from './session.ts';

/** Begins the name of every database that a rehearsal makes. */
const PREFIX = 'slipway_test_';

/** Why a server is not one for scratch databases. */
export interface ScratchTrouble {
  readonly message: string;
  readonly hint: string;
}

/** Makes and drops databases. */
export interface ScratchAdmin {
  readonly prefix: string;
  version(): Promise<string>;
  /** What speaks against this server; undefined where nothing does. */
  trouble(historySchema: string): Promise<ScratchTrouble | undefined>;
  /** Databases that an earlier process did not drop. */
  leftovers(): Promise<readonly string[]>;
  createRole(name: string): Promise<void>;
  create(
    name: string,
    options: { readonly template: string | undefined; readonly owner: string | undefined },
  ): Promise<void>;
  drop(name: string): Promise<void>;
}

/** How often a copy is tried again while sessions of the origin are still ending. */
const TRIES = 20;
/** object_in_use: somebody is connected to the database that is copied. */
const IN_USE = '55006';

/** Works over a session that is connected to any database of the server. */
export function scratchAdmin(session: Session): ScratchAdmin {
  return {
    prefix: PREFIX,
    async version() {
      const [row] = await session.own({
        text: `select current_setting('server_version') as version`,
      });
      return String(row?.['version']).split(' ')[0] ?? '';
    },
    async trouble(historySchema) {
      const [row] = await session.own({ text: TROUBLE, values: [historySchema] });
      if (row?.['is_standby'] === true) {
        return {
          message: 'the scratch server is a standby, on which no database can be made',
          hint: 'Name a server of its own.',
        };
      }
      if (row?.['has_history'] === true) {
        return {
          message: `the scratch database has a schema ${historySchema}: somebody's database is migrated there`,
          hint: 'Nothing was done. Name a server whose databases nobody needs, by its database postgres.',
        };
      }
      if (row?.['may_create'] !== true) {
        return {
          message: `role ${String(row?.['role'])} may not make databases on the scratch server`,
          hint: 'Name a role with createdb, or a superuser: revisions may need more rights.',
        };
      }
      return undefined;
    },
    async leftovers() {
      const rows = await session.own({
        text: `select datname from pg_database where starts_with(datname, $1) order by datname`,
        values: [PREFIX],
      });
      return rows.map((row) => String(row['datname']));
    },
    async createRole(name) {
      const role = quoteIdentifier(name);
      await session.own({ text: `create role ${role} createrole createdb` });
    },
    async create(name, { template, owner }) {
      const of = template === undefined ? '' : ` template ${quoteIdentifier(template)}`;
      const by = owner === undefined ? '' : ` owner ${quoteIdentifier(owner)}`;
      const text = `create database ${quoteIdentifier(name)}${by}${of}`;
      for (let attempt = 1; ; attempt++) {
        try {
          await session.own({ text });
          return;
        } catch (error) {
          const isBusy = error instanceof DatabaseFailure && error.fields.sqlState === IN_USE;
          if (!isBusy || attempt === TRIES) throw error;
        }
      }
    },
    async drop(name) {
      await session.own({ text: `drop database if exists ${quoteIdentifier(name)} with (force)` });
    },
  };
}

const TROUBLE = `
  select
    pg_is_in_recovery() as is_standby,
    exists (select from pg_namespace where nspname = $1) as has_history,
    current_user as role,
    (select rolcreatedb or rolsuper from pg_roles where rolname = current_user) as may_create`;
