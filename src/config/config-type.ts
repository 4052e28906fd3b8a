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
  /** What to do when the database is ahead and not compatible: refuse, downgrade, ignore. */
  readonly onAhead?: 'refuse' | 'downgrade' | 'ignore' | undefined;
  /** Whether on-ahead=downgrade may run downs that lose data: no, yes. */
  readonly allowDataLoss?: 'no' | 'yes' | undefined;
  /** How long --wait-rollout waits for older pods to go. */
  readonly rolloutTimeout?: string | undefined;
  /** What to do about hazards: allow, warn, refuse, approve; also by class, as in breaking=refuse. */
  readonly hazards?: string | undefined;
  /** Tables smaller than this may be rewritten, scanned or indexed without a word. */
  readonly hazardSize?: string | undefined;
  /** Revisions whose hazards are approved. */
  readonly approve?: readonly string[] | undefined;
  /** Backup before hazards (what the revisions lose), all (the whole database before any revision), or off. */
  readonly backup?: 'hazards' | 'all' | 'off' | undefined;
  /** Folder for backups, such as a volume that outlives the pod. */
  readonly backupDir?: string | undefined;
  /** Shell command that reads a backup on its standard input, in place of a folder. */
  readonly backupCommand?: string | undefined;
  /** Pg_dump to use, with its pg_restore beside it; without it one that fits the server is looked for. */
  readonly pgDump?: string | undefined;
  /** How many targets are worked on at once. */
  readonly concurrency?: number | undefined;
  /** How many of the first targets must succeed before any other is started. */
  readonly canary?: number | undefined;
  /** How many targets may fail before no other is started; without it all are. */
  readonly maxFailures?: number | undefined;
  /** Work on the I-th of N parts of the list only, counted from 1. */
  readonly shard?: string | undefined;
  /** Set by Kubernetes in the pods of an Indexed Job: which part of a list of targets is theirs, counted from 0. */
  readonly jobIndex?: number | undefined;
  /** Into how many parts that is; Kubernetes does not set it: the same number as completions of the Job. */
  readonly jobCount?: number | undefined;
  /** Port for probes and metrics; 0 takes one that is free. */
  readonly listenPort?: number | undefined;
  /** Address for probes and metrics; without it all of this machine, IPv6 and IPv4. */
  readonly listenHost?: string | undefined;
  /** How often to look whether the database still serves this release. */
  readonly checkInterval?: string | undefined;
  /** Never, or after-rollout: run trailing contract revisions once no older pod is left, not at the start. */
  readonly contract?: 'never' | 'after-rollout' | undefined;
  /** Metrics of the process besides, such as memory and event loop lag: no, yes. */
  readonly defaultMetrics?: 'no' | 'yes' | undefined;
  /** Severities of lint rules, as in drop-table=off naming=warning. */
  readonly lintRules?: { readonly [rule: string]: RuleLevel['level'] } | undefined;
  /** Oldest version of Postgres that the revisions must run on. */
  readonly lintPostgres?: number | undefined;
  /** Revision at which linting began: it and those before it are passed over. */
  readonly lintAfter?: string | undefined;
  /** Regular expression for the names that the rule naming accepts. */
  readonly lintNaming?: string | undefined;
  /** Server on which databases may be made and dropped; without it one is started from npm. */
  readonly scratchUrl?: string | undefined;
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
  /** Downward API: metadata.uid. */
  readonly podUid?: string | undefined;
  /** Downward API: metadata.labels['pod-template-hash']. */
  readonly podTemplateHash?: string | undefined;
  /** Downward API: spec.nodeName. */
  readonly nodeName?: string | undefined;
}
