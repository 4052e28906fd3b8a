/** The settings of a config file, as editors show them. Values are written as on the command line. */

import type { RuleLevel } from './rule-levels.ts';

/** Settings of `slipway.config.ts`; flags and environment variables are stronger. */
export interface SlipwayConfig {
  /** Database, as a URL or a libpq string; without it PG* and libpq defaults. */
  readonly url?: string | undefined;
  /** File with the database URL, read again at every connect. */
  readonly urlFile?: string | undefined;
  /** Database past the transaction pooler, used when one is found. */
  readonly directUrl?: string | undefined;
  /** Command that prints the password, run at every connect (short-lived tokens). */
  readonly passwordCommand?: string | undefined;
  /** Schema in which slipway keeps what it applied. */
  readonly historySchema?: string | undefined;
  /** Act as this role (SET ROLE). */
  readonly role?: string | undefined;
  /** Search_path that revisions run with; without it the one of the role. */
  readonly searchPath?: string | undefined;
  /** How long to try to connect. */
  readonly connectTimeout?: string | undefined;
  /** Folder of revision files. */
  readonly dir?: string | undefined;
  /** Release bundle to read instead of the folder. */
  readonly bundle?: string | undefined;
  /** Image or git revision, recorded with what is applied. */
  readonly release?: string | undefined;
  /** Image reference, recorded with what is applied. */
  readonly image?: string | undefined;
  /** How long to wait for another runner. */
  readonly lockWait?: string | undefined;
  /** How long a statement may wait for a lock on an object. */
  readonly lockTimeout?: string | undefined;
  /** How often a revision is tried again after that. */
  readonly lockRetries?: number | undefined;
  /** How long a statement may run. */
  readonly statementTimeout?: string | undefined;
  /** All, expand (stop before trailing contract revisions) or contract. */
  readonly phase?: 'all' | 'expand' | 'contract' | undefined;
  /** What to do when the database is ahead and not compatible: refuse, ignore. */
  readonly onAhead?: 'refuse' | 'ignore' | undefined;
  /** What to do about hazards: allow, warn, refuse, approve; also by class, as in breaking=refuse. */
  readonly hazards?: string | undefined;
  /** Tables smaller than this may be rewritten, scanned or indexed without a word. */
  readonly hazardSize?: string | undefined;
  /** Revisions whose hazards are approved. */
  readonly approve?: readonly string[] | undefined;
  /** Severities of lint rules, as in drop-table=off naming=warning. */
  readonly lintRules?: { readonly [rule: string]: RuleLevel['level'] } | undefined;
  /** Oldest version of Postgres that the revisions must run on. */
  readonly lintPostgres?: number | undefined;
  /** Revision at which linting began: it and those before it are passed over. */
  readonly lintAfter?: string | undefined;
  /** Regular expression for the names that the rule naming accepts. */
  readonly lintNaming?: string | undefined;
  /** File to write when the schema is ready. */
  readonly readyFile?: string | undefined;
  /** File for the termination message; /dev/termination-log in a cluster. */
  readonly terminationLog?: string | undefined;
  /** Auto (pretty on a terminal, else json), json, pretty. */
  readonly logFormat?: 'auto' | 'json' | 'pretty' | undefined;
  /** Debug, info, warn, error, silent. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
  /** Downward API: metadata.name. */
  readonly podName?: string | undefined;
  /** Downward API: metadata.namespace. */
  readonly podNamespace?: string | undefined;
  /** Downward API: spec.nodeName. */
  readonly nodeName?: string | undefined;
}
