/** Every setting: its flag, its environment variable, its default, what it means. */

import type * as z from 'zod/mini';
import { BACKUP_CHOICES } from '../core/backup.ts';
import {
  byteSize,
  choice,
  duration,
  durationOrNone,
  hazardPolicies,
  hidden,
  idList,
  major,
  pattern,
  port,
  positiveNumber,
  ruleLevels,
  shard,
  text,
  wholeNumber,
} from './setting-values.ts';

/** Which commands take the setting as a flag. */
export type SettingGroup =
  | 'database'
  | 'release'
  | 'run'
  | 'rollout'
  | 'backup'
  | 'fleet'
  | 'sidecar'
  | 'lint'
  | 'scratch'
  | 'output'
  | 'pod';

export interface SettingDefinition<T = unknown> {
  /** Long flag without dashes; undefined: no flag. */
  readonly flag: string | undefined;
  /** Environment variables, the strongest first. */
  readonly env: readonly string[];
  /** The value when nobody says anything, as text. */
  readonly fallback: string | undefined;
  /** Reads the text; refuses it with what is expected instead. */
  readonly schema: z.ZodMiniType<T, string>;
  /** What the flag means without a value; undefined: it needs one. */
  readonly bare: string | undefined;
  /** Shown in help: `URL`, `DURATION`; undefined for a switch. */
  readonly placeholder: string | undefined;
  readonly secret: boolean;
  /** Whether a config file may hold it as an object of names and values. */
  readonly isMap: boolean;
  readonly group: SettingGroup;
  readonly help: string;
}

function setting<T>(
  group: SettingGroup,
  schema: z.ZodMiniType<T, string>,
  rest: Partial<Omit<SettingDefinition, 'schema' | 'group'>> & { readonly help: string },
): SettingDefinition<T> {
  return {
    flag: undefined,
    env: [],
    fallback: undefined,
    bare: undefined,
    placeholder: 'VALUE',
    secret: false,
    isMap: false,
    group,
    schema,
    ...rest,
  };
}

/** The one table of settings, in the order in which people meet them. */
export const SETTINGS = {
  url: setting('database', hidden, {
    flag: 'url',
    env: ['DATABASE_URL'],
    placeholder: 'URL',
    secret: true,
    help: 'database, as a URL or a libpq string; without it PG* and libpq defaults',
  }),
  urlFile: setting('database', text, {
    env: ['DATABASE_URL_FILE'],
    help: 'file with the database URL, read again at every connect',
  }),
  directUrl: setting('database', hidden, {
    env: ['SLIPWAY_DIRECT_URL'],
    secret: true,
    help: 'database past the transaction pooler, used when one is found',
  }),
  passwordCommand: setting('database', text, {
    env: ['SLIPWAY_PASSWORD_COMMAND'],
    help: 'command that prints the password, run at every connect (short-lived tokens)',
  }),
  historySchema: setting('database', text, {
    flag: 'history-schema',
    env: ['SLIPWAY_HISTORY_SCHEMA'],
    fallback: 'slipway',
    placeholder: 'NAME',
    help: 'schema in which slipway keeps what it applied',
  }),
  role: setting('database', text, {
    flag: 'role',
    env: ['SLIPWAY_ROLE'],
    placeholder: 'NAME',
    help: 'act as this role (SET ROLE)',
  }),
  searchPath: setting('database', text, {
    flag: 'search-path',
    env: ['SLIPWAY_SEARCH_PATH'],
    placeholder: 'LIST',
    help: 'search_path that revisions run with; without it the one of the role',
  }),
  connectTimeout: setting('database', duration, {
    flag: 'connect-timeout',
    env: ['SLIPWAY_CONNECT_TIMEOUT'],
    fallback: '60s',
    placeholder: 'DURATION',
    help: 'how long to try to connect',
  }),
  dir: setting('release', text, {
    flag: 'dir',
    env: ['SLIPWAY_DIR'],
    fallback: 'migrations',
    placeholder: 'FOLDER',
    help: 'folder of revision files',
  }),
  bundle: setting('release', text, {
    flag: 'bundle',
    env: ['SLIPWAY_BUNDLE'],
    placeholder: 'FILE',
    help: 'release bundle to read instead of the folder',
  }),
  release: setting('pod', text, {
    env: ['SLIPWAY_RELEASE'],
    help: 'image or git revision, recorded with what is applied',
  }),
  image: setting('pod', text, {
    env: ['SLIPWAY_IMAGE'],
    help: 'image reference, recorded with what is applied',
  }),
  lockWait: setting('run', duration, {
    flag: 'lock-wait',
    env: ['SLIPWAY_LOCK_WAIT'],
    fallback: '5m',
    placeholder: 'DURATION',
    help: 'how long to wait for another runner',
  }),
  lockTimeout: setting('run', duration, {
    flag: 'lock-timeout',
    env: ['SLIPWAY_LOCK_TIMEOUT'],
    fallback: '3s',
    placeholder: 'DURATION',
    help: 'how long a statement may wait for a lock on an object',
  }),
  lockRetries: setting('run', wholeNumber, {
    flag: 'lock-retries',
    env: ['SLIPWAY_LOCK_RETRIES'],
    fallback: '10',
    placeholder: 'N',
    help: 'how often a revision is tried again after that',
  }),
  statementTimeout: setting('run', durationOrNone, {
    flag: 'statement-timeout',
    env: ['SLIPWAY_STATEMENT_TIMEOUT'],
    fallback: 'none',
    placeholder: 'DURATION',
    help: 'how long a statement may run',
  }),
  phase: setting('run', choice(['all', 'expand', 'contract']), {
    flag: 'phase',
    env: ['SLIPWAY_PHASE'],
    fallback: 'all',
    placeholder: 'PHASE',
    help: 'all, expand (stop before trailing contract revisions) or contract',
  }),
  onAhead: setting('run', choice(['refuse', 'downgrade', 'ignore']), {
    flag: 'on-ahead',
    env: ['SLIPWAY_ON_AHEAD'],
    fallback: 'refuse',
    placeholder: 'POLICY',
    help: 'what to do when the database is ahead and not compatible: refuse, downgrade, ignore',
  }),
  allowDataLoss: setting('run', choice(['no', 'yes']), {
    env: ['SLIPWAY_ALLOW_DATA_LOSS'],
    fallback: 'no',
    help: 'whether on-ahead=downgrade may run downs that lose data: no, yes',
  }),
  rolloutTimeout: setting('rollout', duration, {
    flag: 'rollout-timeout',
    env: ['SLIPWAY_ROLLOUT_TIMEOUT'],
    fallback: '10m',
    placeholder: 'DURATION',
    help: 'how long --wait-rollout waits for older pods to go',
  }),
  hazards: setting('run', hazardPolicies, {
    flag: 'hazards',
    env: ['SLIPWAY_HAZARDS'],
    fallback: 'warn',
    placeholder: 'POLICY',
    help: 'what to do about hazards: allow, warn, refuse, approve; also by class, as in breaking=refuse',
  }),
  hazardSize: setting('run', byteSize, {
    flag: 'hazard-size',
    env: ['SLIPWAY_HAZARD_SIZE'],
    fallback: '16MB',
    placeholder: 'SIZE',
    help: 'tables smaller than this may be rewritten, scanned or indexed without a word',
  }),
  approve: setting('run', idList, {
    env: ['SLIPWAY_APPROVE'],
    fallback: '',
    help: 'revisions whose hazards are approved',
  }),
  backup: setting('backup', choice(BACKUP_CHOICES), {
    flag: 'backup',
    env: ['SLIPWAY_BACKUP'],
    fallback: 'off',
    bare: 'hazards',
    placeholder: 'WHEN',
    help: 'backup before hazards (what the revisions lose), all (the whole database before any revision), or off',
  }),
  backupDir: setting('backup', text, {
    flag: 'backup-dir',
    env: ['SLIPWAY_BACKUP_DIR'],
    placeholder: 'FOLDER',
    help: 'folder for backups, such as a volume that outlives the pod',
  }),
  backupCommand: setting('backup', text, {
    env: ['SLIPWAY_BACKUP_COMMAND'],
    help: 'shell command that reads a backup on its standard input, in place of a folder',
  }),
  pgDump: setting('backup', text, {
    flag: 'pg-dump',
    env: ['SLIPWAY_PG_DUMP'],
    placeholder: 'FILE',
    help: 'pg_dump to use, with its pg_restore beside it; without it one that fits the server is looked for',
  }),
  concurrency: setting('fleet', positiveNumber, {
    flag: 'concurrency',
    env: ['SLIPWAY_CONCURRENCY'],
    fallback: '4',
    placeholder: 'N',
    help: 'how many targets are worked on at once',
  }),
  canary: setting('fleet', wholeNumber, {
    flag: 'canary',
    env: ['SLIPWAY_CANARY'],
    fallback: '0',
    placeholder: 'N',
    help: 'how many of the first targets must succeed before any other is started',
  }),
  maxFailures: setting('fleet', positiveNumber, {
    flag: 'max-failures',
    env: ['SLIPWAY_MAX_FAILURES'],
    placeholder: 'N',
    help: 'how many targets may fail before no other is started; without it all are',
  }),
  shard: setting('fleet', shard, {
    flag: 'shard',
    env: ['SLIPWAY_SHARD'],
    placeholder: 'I/N',
    help: 'work on the I-th of N parts of the list only, counted from 1',
  }),
  jobIndex: setting('pod', wholeNumber, {
    env: ['JOB_COMPLETION_INDEX'],
    help: 'set by Kubernetes in the pods of an Indexed Job: which part of a list of targets is theirs, counted from 0',
  }),
  jobCount: setting('pod', positiveNumber, {
    env: ['JOB_COMPLETION_COUNT'],
    help: 'into how many parts that is; Kubernetes does not set it: the same number as completions of the Job',
  }),
  listenPort: setting('sidecar', port, {
    flag: 'port',
    env: ['SLIPWAY_LISTEN_PORT'],
    fallback: '9400',
    placeholder: 'PORT',
    help: 'port for probes and metrics; 0 takes one that is free',
  }),
  listenHost: setting('sidecar', text, {
    flag: 'host',
    env: ['SLIPWAY_LISTEN_HOST'],
    placeholder: 'ADDRESS',
    help: 'address for probes and metrics; without it all of this machine, IPv6 and IPv4',
  }),
  checkInterval: setting('sidecar', duration, {
    flag: 'check-interval',
    env: ['SLIPWAY_CHECK_INTERVAL'],
    fallback: '30s',
    placeholder: 'DURATION',
    help: 'how often to look whether the database still serves this release',
  }),
  contract: setting('sidecar', choice(['never', 'after-rollout']), {
    flag: 'contract',
    env: ['SLIPWAY_CONTRACT'],
    fallback: 'never',
    placeholder: 'WHEN',
    help: 'never, or after-rollout: run trailing contract revisions once no older pod is left, not at the start',
  }),
  defaultMetrics: setting('sidecar', choice(['no', 'yes']), {
    flag: 'default-metrics',
    env: ['SLIPWAY_DEFAULT_METRICS'],
    fallback: 'no',
    bare: 'yes',
    placeholder: 'CHOICE',
    help: 'metrics of the process besides, such as memory and event loop lag: no, yes',
  }),
  lintRules: setting('lint', ruleLevels, {
    env: ['SLIPWAY_LINT_RULES'],
    fallback: '',
    isMap: true,
    help: 'severities of lint rules, as in drop-table=off naming=warning',
  }),
  lintPostgres: setting('lint', major, {
    flag: 'postgres',
    env: ['SLIPWAY_LINT_POSTGRES'],
    fallback: '14',
    placeholder: 'MAJOR',
    help: 'oldest version of Postgres that the revisions must run on',
  }),
  lintAfter: setting('lint', text, {
    flag: 'after',
    env: ['SLIPWAY_LINT_AFTER'],
    placeholder: 'REVISION',
    help: 'revision at which linting began: it and those before it are passed over',
  }),
  lintNaming: setting('lint', pattern, {
    env: ['SLIPWAY_LINT_NAMING'],
    help: 'regular expression for the names that the rule naming accepts',
  }),
  scratchUrl: setting('scratch', hidden, {
    flag: 'scratch-url',
    env: ['SLIPWAY_SCRATCH_URL'],
    placeholder: 'URL',
    secret: true,
    help: 'server on which databases may be made and dropped; without it one is started from npm',
  }),
  readyFile: setting('output', text, {
    flag: 'ready-file',
    env: ['SLIPWAY_READY_FILE'],
    placeholder: 'FILE',
    help: 'file to write when the schema is ready',
  }),
  terminationLog: setting('output', text, {
    env: ['SLIPWAY_TERMINATION_LOG'],
    help: 'file for the termination message; /dev/termination-log in a cluster',
  }),
  logFormat: setting('output', choice(['auto', 'json', 'pretty']), {
    flag: 'log-format',
    env: ['SLIPWAY_LOG_FORMAT'],
    fallback: 'auto',
    placeholder: 'FORMAT',
    help: 'auto (pretty on a terminal, else json), json, pretty',
  }),
  logLevel: setting('output', choice(['debug', 'info', 'warn', 'error', 'silent']), {
    flag: 'log-level',
    env: ['SLIPWAY_LOG_LEVEL'],
    fallback: 'info',
    placeholder: 'LEVEL',
    help: 'debug, info, warn, error, silent',
  }),
  podName: setting('pod', text, { env: ['POD_NAME'], help: 'Downward API: metadata.name' }),
  podNamespace: setting('pod', text, {
    env: ['POD_NAMESPACE'],
    help: 'Downward API: metadata.namespace',
  }),
  podUid: setting('pod', text, { env: ['POD_UID'], help: 'Downward API: metadata.uid' }),
  podTemplateHash: setting('pod', text, {
    env: ['POD_TEMPLATE_HASH'],
    help: "Downward API: metadata.labels['pod-template-hash']",
  }),
  nodeName: setting('pod', text, { env: ['NODE_NAME'], help: 'Downward API: spec.nodeName' }),
} as const satisfies Record<string, SettingDefinition>;

export type SettingKey = keyof typeof SETTINGS;

type Value<K extends SettingKey> =
  (typeof SETTINGS)[K] extends SettingDefinition<infer T> ? T : never;

/** Settings without a default may be absent. */
type AlwaysSet =
  | 'historySchema'
  | 'connectTimeout'
  | 'dir'
  | 'lockWait'
  | 'lockTimeout'
  | 'lockRetries'
  | 'statementTimeout'
  | 'phase'
  | 'onAhead'
  | 'allowDataLoss'
  | 'rolloutTimeout'
  | 'hazards'
  | 'hazardSize'
  | 'approve'
  | 'backup'
  | 'concurrency'
  | 'canary'
  | 'listenPort'
  | 'checkInterval'
  | 'contract'
  | 'defaultMetrics'
  | 'lintRules'
  | 'lintPostgres'
  | 'logFormat'
  | 'logLevel';

export type Settings = {
  readonly [K in SettingKey]: K extends AlwaysSet ? Value<K> : Value<K> | undefined;
};

/** The settings in order. */
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];
