/** Statements that create something: new objects disturb nobody, unless they act on old ones. */

import { isNewRelation } from '../created.ts';
import {
  asNew,
  breaking,
  compatible,
  type Effect,
  type Handlers,
  only,
  undecided,
} from '../effect.ts';
import { kindWords, type Node, optionValue, relationWords, stringsOf, words } from '../tree.ts';
import { uniqueIndexCompatibility } from './constraint.ts';

/** Facts about `create …`. */
export const create: Handlers = {
  // Its foreign keys bind rows that only new code writes.
  CreateStmt: (s) => creates('table', relationWords(s.relation)),
  CreateForeignTableStmt: (s) => creates('foreign table', relationWords(s.base?.relation)),
  CreateTableAsStmt: (s) => creates(kindWords(s.objtype), relationWords(s.into?.rel)),
  CreateSeqStmt: (s) => creates('sequence', relationWords(s.sequence)),
  CreateSchemaStmt: (s) => creates('schema', words([s.schemaname ?? s.authrole?.rolename ?? ''])),
  CompositeTypeStmt: (s) => creates('type', relationWords(s.typevar)),
  CreateEnumStmt: (s) => creates('type', words(stringsOf(s.typeName))),
  CreateRangeStmt: (s) => creates('type', words(stringsOf(s.typeName))),
  CreateDomainStmt: (s) => creates('domain', words(stringsOf(s.domainname))),
  DefineStmt: (s) => creates(kindWords(s.kind), words(stringsOf(s.defnames))),
  CreateExtensionStmt: (s) => creates('extension', words([s.extname ?? ''])),
  CreateStatsStmt: (s) => creates('statistics', words(stringsOf(s.defnames))),
  CreateRoleStmt: (s) => creates('role', words([s.role ?? ''])),
  CreateFdwStmt: (s) => creates('foreign data wrapper', words([s.fdwname ?? ''])),
  CreateForeignServerStmt: (s) => creates('server', words([s.servername ?? ''])),
  CreateUserMappingStmt: (s) => creates('user mapping for server', words([s.servername ?? ''])),
  ImportForeignSchemaStmt: (s) =>
    creates('foreign tables in schema', words([s.local_schema ?? ''])),
  CreatePLangStmt: (s) => creates('language', words([s.plname ?? ''])),
  CreateAmStmt: (s) => creates('access method', words([s.amname ?? ''])),
  CreateOpClassStmt: (s) => creates('operator class', words(stringsOf(s.opclassname))),
  CreateOpFamilyStmt: (s) => creates('operator family', words(stringsOf(s.opfamilyname))),
  CreateConversionStmt: (s) => creates('conversion', words(stringsOf(s.conversion_name))),
  CreateCastStmt: (s) =>
    only(
      s.context === 'COERCION_EXPLICIT'
        ? compatible('creates a cast')
        : undecided('creates an implicit cast, which may change how expressions resolve'),
    ),
  CreateTransformStmt: (s) => creates('transform for language', words([s.lang ?? ''])),

  // Postgres itself refuses a replacement that drops, renames or retypes a column.
  ViewStmt: (s) =>
    s.replace === true
      ? only(
          compatible(
            `replaces view ${relationWords(s.view)}, whose columns Postgres keeps as they were`,
          ),
        )
      : creates('view', relationWords(s.view)),

  // Postgres itself refuses a replacement with another result; other arguments make another function.
  CreateFunctionStmt: (s) => {
    const kind = s.is_procedure === true ? 'procedure' : 'function';
    const name = words(stringsOf(s.funcname));
    return s.replace === true
      ? only(compatible(`replaces ${kind} ${name} under the same signature`))
      : creates(kind, name);
  },

  IndexStmt: (s, { created }) => {
    const name = s.idxname === undefined ? '' : ` ${words([s.idxname])}`;
    const compatibility =
      s.unique === true
        ? uniqueIndexCompatibility(s, { created, relation: s.relation })
        : compatible(`creates index${name} on ${relationWords(s.relation)}`);
    return { compatibility, transactional: s.concurrent !== true };
  },

  CreateTrigStmt: (s, { created }) => {
    const what = `trigger ${words([s.trigname ?? ''])} on ${relationWords(s.relation)}`;
    return only(
      isNewRelation(created, s.relation)
        ? asNew(`creates ${what}`)
        : undecided(`creates ${what}, which may change or refuse writes of the previous release`),
    );
  },
  RuleStmt: (s, { created }) => {
    const what = `rule ${words([s.rulename ?? ''])} on ${relationWords(s.relation)}`;
    return only(
      isNewRelation(created, s.relation)
        ? asNew(`creates ${what}`)
        : undecided(`creates ${what}, which rewrites statements of the previous release`),
    );
  },
  CreateEventTrigStmt: (s) =>
    only(
      undecided(`creates event trigger ${words([s.trigname ?? ''])}, which may refuse commands`),
    ),

  CreatePolicyStmt: (s, { created }) => {
    const what = `policy ${words([s.policy_name ?? ''])} on ${relationWords(s.table)}`;
    if (isNewRelation(created, s.table)) {
      return only(asNew(`creates ${what}`));
    }
    return only(
      s.permissive === true
        ? compatible(`creates ${what}, which only allows more`)
        : breaking(`creates ${what}, which may hide rows from code of the previous release`),
    );
  },

  CreatedbStmt: (s) => ({ ...creates('database', words([s.dbname ?? ''])), transactional: false }),
  CreateTableSpaceStmt: (s) => ({
    ...creates('tablespace', words([s.tablespacename ?? ''])),
    transactional: false,
  }),
  CreateSubscriptionStmt: (s) => ({
    compatibility: undecided(
      `creates subscription ${words([s.subname ?? ''])}, which writes rows by itself`,
    ),
    // Only the slot it creates on the publisher cannot be rolled back.
    transactional: !(optionValue(s.options, 'create_slot') ?? connects(s.options)),
  }),
};

function connects(options: readonly Node[] | undefined): boolean {
  return optionValue(options, 'connect') ?? true;
}

function creates(kind: string, name: string): Effect {
  return only(compatible(`creates ${kind} ${name}`));
}
