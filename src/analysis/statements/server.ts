/** Statements on sessions, maintenance, replication and the server: they change no shape. */

import type { Compatibility } from '../../core/revision.ts';
import { isNewRelation } from '../created.ts';
import {
  compatible,
  type Effect,
  type FactsContext,
  type Handlers,
  only,
  undecided,
} from '../effect.ts';
import {
  type Body,
  bodiesOf,
  hasOption,
  kindWords,
  nameOf,
  optionValue,
  relationWords,
  stringsOf,
  words,
} from '../tree.ts';

const session = (): Effect =>
  only(compatible('changes only the session or transaction it runs in'));

/** Facts about everything that is neither a definition nor a query. */
export const server: Handlers = {
  VariableSetStmt: session,
  VariableShowStmt: session,
  TransactionStmt: session,
  ConstraintsSetStmt: session,
  LockStmt: session,
  PrepareStmt: session,
  DeallocateStmt: session,
  DeclareCursorStmt: session,
  FetchStmt: session,
  ClosePortalStmt: session,
  ListenStmt: session,
  UnlistenStmt: session,
  NotifyStmt: session,
  DiscardStmt: (s) => ({ ...session(), transactional: s.target !== 'DISCARD_ALL' }),

  CommentStmt: (s) =>
    only(compatible(`comments on ${kindWords(s.objtype)} ${words(nameOf(s.object))}`)),

  VacuumStmt: (s) =>
    s.is_vacuumcmd === true
      ? { compatibility: compatible('vacuums, which changes no row'), transactional: false }
      : only(compatible('gathers statistics')),
  // Of a partitioned table it must run outside of a transaction too, which only the server can tell.
  ClusterStmt: (s) => ({
    compatibility: compatible('orders rows on disk'),
    transactional: s.relation !== undefined,
  }),
  ReindexStmt: (s) => ({
    compatibility: compatible('builds indexes anew'),
    transactional: !hasOption(s.params, 'concurrently') && !WHOLE.has(s.kind ?? ''),
  }),
  RefreshMatViewStmt: (s) =>
    only(compatible(`refreshes materialized view ${relationWords(s.relation)}`)),
  CheckPointStmt: () => only(compatible('writes a checkpoint')),

  AlterSeqStmt: (s) =>
    only(compatible(`changes which numbers sequence ${relationWords(s.sequence)} gives`)),
  AlterStatsStmt: (s) => only(compatible(`changes statistics ${words(stringsOf(s.defnames))}`)),
  AlterFunctionStmt: (s) =>
    only(
      compatible(
        `changes attributes of ${kindWords(s.objtype)} ${words(stringsOf(s.func?.objname))}, not its signature`,
      ),
    ),
  AlterExtensionStmt: (s) =>
    only(undecided(`updates extension ${words([s.extname ?? ''])}, and with it what it offers`)),
  AlterExtensionContentsStmt: (s) =>
    only(compatible(`changes what belongs to extension ${words([s.extname ?? ''])}`)),
  AlterEventTrigStmt: (s) =>
    only(undecided(`changes whether event trigger ${words([s.trigname ?? ''])} fires`)),
  AlterFdwStmt: (s) => remote('foreign data wrapper', s.fdwname),
  AlterForeignServerStmt: (s) => remote('server', s.servername),
  AlterUserMappingStmt: (s) => remote('a user mapping of server', s.servername),

  AlterPublicationStmt: (s, context) =>
    only(
      publicationCompatibility(
        `changes what publication ${words([s.pubname ?? ''])} sends`,
        s.action === 'AP_DropObjects' ? {} : s,
        context,
      ),
    ),
  CreatePublicationStmt: (s, context) =>
    only(publicationCompatibility(`creates publication ${words([s.pubname ?? ''])}`, s, context)),
  AlterSubscriptionStmt: (s) => ({
    compatibility: undecided(`changes which rows subscription ${words([s.subname ?? ''])} writes`),
    transactional: !touchesPublisher(s),
  }),

  AlterDatabaseStmt: (s) => ({
    compatibility: undecided(
      `changes who may connect to database ${words([s.dbname ?? ''])}, or how`,
    ),
    transactional: optionValue(s.options, 'tablespace') === undefined,
  }),
  AlterDatabaseRefreshCollStmt: (s) =>
    only(compatible(`refreshes the collation version of database ${words([s.dbname ?? ''])}`)),
  AlterDatabaseSetStmt: (s) => only(setting(s.setstmt, `database ${words([s.dbname ?? ''])}`)),
  AlterTableSpaceOptionsStmt: (s) =>
    only(compatible(`changes how tablespace ${words([s.tablespacename ?? ''])} is planned`)),
  AlterSystemStmt: (s) => ({
    compatibility: setting(s.setstmt, 'the server'),
    transactional: false,
  }),
  LoadStmt: () => only(undecided('loads a library into the server')),
};

const WHOLE = new Set([
  'REINDEX_OBJECT_SCHEMA',
  'REINDEX_OBJECT_SYSTEM',
  'REINDEX_OBJECT_DATABASE',
]);

function setting(statement: Body<'VariableSetStmt'> | undefined, where: string): Compatibility {
  return undecided(`changes ${statement?.name ?? 'all settings'} for new sessions of ${where}`);
}

// Postgres refuses updates and deletes on a published table that has no replica identity.
function publicationCompatibility(
  what: string,
  published: Pick<Body<'CreatePublicationStmt'>, 'pubobjects' | 'for_all_tables'>,
  { created }: FactsContext,
): Compatibility {
  const objects = bodiesOf(published.pubobjects, 'PublicationObjSpec');
  const isNewOnly = objects.every((each) => isNewRelation(created, each.pubtable?.relation));
  return isNewOnly && published.for_all_tables !== true
    ? compatible(what)
    : undecided(`${what}, and tables without a replica identity then refuse updates`);
}

function remote(kind: string, name: string | undefined): Effect {
  return only(undecided(`changes what ${kind} ${words([name ?? ''])} reaches`));
}

// What happens on the publisher cannot be rolled back:
// https://www.postgresql.org/docs/current/sql-altersubscription.html
function touchesPublisher(s: Body<'AlterSubscriptionStmt'>): boolean {
  switch (s.kind) {
    case 'ALTER_SUBSCRIPTION_REFRESH':
      return true;
    case 'ALTER_SUBSCRIPTION_SET_PUBLICATION':
    case 'ALTER_SUBSCRIPTION_ADD_PUBLICATION':
    case 'ALTER_SUBSCRIPTION_DROP_PUBLICATION':
      return optionValue(s.options, 'refresh') ?? true;
    case 'ALTER_SUBSCRIPTION_OPTIONS':
      return ['failover', 'two_phase'].some((name) => optionValue(s.options, name) !== undefined);
    default:
      return false;
  }
}
