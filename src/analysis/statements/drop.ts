/** Statements that drop something: what is lost with it, and who may miss it. */

import type { Compatibility } from '../../core/revision.ts';
import { isNew, namespaceOf } from '../created.ts';
import {
  asNew,
  breaking,
  compatible,
  type Effect,
  type FactsContext,
  type Handlers,
  only,
  together,
  undecided,
} from '../effect.ts';
import { identityOf } from '../record-created.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  kindWords,
  type Node,
  nameOf,
  typeWords,
  words,
} from '../tree.ts';

/** Facts about `drop …`. */
export const drop: Handlers = {
  DropStmt: (statement, context) => {
    const effects = (statement.objects ?? []).map((object) =>
      dropObject(statement, object, context),
    );
    return {
      ...together(effects, compatible('drops nothing')),
      transactional: statement.concurrent !== true,
    };
  },

  DropdbStmt: (s) => {
    const database = `database ${words([s.dbname ?? ''])}`;
    return {
      compatibility: breaking(`drops ${database}`),
      dataLoss: [database],
      transactional: false,
    };
  },
  // Postgres refuses to drop a tablespace that is not empty.
  DropTableSpaceStmt: (s) => ({
    compatibility: compatible(`drops empty tablespace ${words([s.tablespacename ?? ''])}`),
    transactional: false,
  }),
  DropOwnedStmt: (s) => {
    const owners = roleWords(s.roles);
    return {
      compatibility: breaking(`drops everything owned by ${owners}`),
      dataLoss: [`everything owned by ${owners}`],
    };
  },
  DropRoleStmt: (s, { created }) => {
    const roles = bodiesOf(s.roles, 'RoleSpec').map((role) => role.rolename ?? '');
    const drops = `drops role ${roleWords(s.roles)}`;
    return only(
      roles.every((role) => isNew(created, 'OBJECT_ROLE', [role]))
        ? asNew(`${drops}`)
        : breaking(`${drops}, as which code of the previous release may connect`),
    );
  },
  DropUserMappingStmt: (s) =>
    only(breaking(`drops a user mapping of server ${words([s.servername ?? ''])}`)),
  // It also drops the replication slot on the publisher, which cannot be rolled back; that there is
  // none is only known to the catalog.
  DropSubscriptionStmt: (s) => ({
    compatibility: undecided(
      `drops subscription ${words([s.subname ?? ''])}, and its rows stop coming`,
    ),
    transactional: false,
  }),
};

function dropObject(statement: Body<'DropStmt'>, object: Node, { created }: FactsContext): Effect {
  const kind = statement.removeType;
  const what = `${kindWords(kind)} ${dropName(kind, object)}`;
  const identity = identityOf(object);
  const cascades = statement.behavior === 'DROP_CASCADE';
  const dataLoss = lossOf(kind, what, cascades);
  const areNew =
    (identity.length > 1 && identity[0] === 'pg_temp') ||
    isNew(created, namespaceOf(kind), identity) ||
    (ON_TABLE.has(kind ?? '') && isNew(created, 'relation', identity.slice(0, -1)));
  if (!areNew) return { compatibility: dropCompatibility(kind, `drops ${what}`), dataLoss };
  return {
    compatibility: asNew(`drops ${what}`),
    // What goes with a new type or schema may be old.
    dataLoss: kind === 'OBJECT_TABLE' ? [] : dataLoss,
  };
}

const ON_TABLE = new Set(['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY']);

function dropCompatibility(kind: string | undefined, drops: string): Compatibility {
  switch (kind) {
    // Reads get slower but stay right. What an upsert names in `on conflict` may go with a unique
    // index, which the statement does not show.
    case 'OBJECT_INDEX':
      return compatible(`${drops}, which code does not name`);
    case 'OBJECT_STATISTIC_EXT':
    case 'OBJECT_PUBLICATION':
    case 'OBJECT_EVENT_TRIGGER':
      return compatible(`${drops}, which code does not name`);
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
      return undecided(`${drops}, whose effect code of the previous release may rely on`);
    case 'OBJECT_POLICY':
      return breaking(`${drops}, without which rows may be out of reach`);
    default:
      return breaking(`${drops}, which code of the previous release may still use`);
  }
}

function lossOf(kind: string | undefined, what: string, cascades: boolean): string[] {
  switch (kind) {
    // Partitions go with their table, children by inheritance only with `cascade`.
    case 'OBJECT_TABLE':
      return [cascades ? `${what} (cascade)` : what];
    // Without `cascade` Postgres refuses to drop what something else still uses.
    case 'OBJECT_SCHEMA':
      return cascades ? [`${what} (cascade)`] : [];
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return cascades ? [`columns of ${what} (cascade)`] : [];
    case 'OBJECT_COLLATION':
      return cascades ? [`columns with ${what} (cascade)`] : [];
    case 'OBJECT_EXTENSION':
      return cascades ? [`whatever uses ${what} (cascade)`] : [];
    case 'OBJECT_ACCESS_METHOD':
      return cascades ? [`tables with ${what} (cascade)`] : [];
    default:
      return [];
  }
}

function dropName(kind: string | undefined, object: Node): string {
  if (kind === 'OBJECT_CAST') {
    return bodiesOf(bodyOf(object, 'List')?.items, 'TypeName').map(typeWords).join(' as ');
  }
  const name = nameOf(object);
  if (ON_TABLE.has(kind ?? '')) {
    return `${words(name.slice(-1))} of ${words(name.slice(0, -1))}`;
  }
  if (kind === 'OBJECT_OPCLASS' || kind === 'OBJECT_OPFAMILY') return words(name.slice(1));
  // Operators are not identifiers.
  return kind === 'OBJECT_OPERATOR' ? name.join('.') : words(name);
}

function roleWords(roles: readonly Node[] | undefined): string {
  return bodiesOf(roles, 'RoleSpec')
    .map((role) =>
      role.rolename === undefined
        ? (role.roletype ?? '').replace(/^ROLESPEC_/, '').toLowerCase()
        : words([role.rolename]),
    )
    .join(', ');
}
