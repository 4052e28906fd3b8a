/** Changes of types, domains and what is built from them. */

import type { Compatibility } from '../../core/revision.ts';
import { isNew } from '../created.ts';
import { asNew, breaking, compatible, type Handlers, only, undecided } from '../effect.ts';
import { type Body, bodyOf, stringsOf, words } from '../tree.ts';
import { constraintWords } from './constraint.ts';

/** Facts about `alter type … value` and `alter domain`. */
export const alterType: Handlers = {
  // Allowed in a transaction since Postgres 12; the label may be used only after it.
  AlterEnumStmt: (s, { created }) => {
    const name = stringsOf(s.typeName);
    const label = s.newVal ?? '';
    const values = `${JSON.stringify(s.oldVal ?? '')} of type ${words(name)}`;
    if (s.oldVal === undefined) {
      return only(compatible(`adds value ${JSON.stringify(label)} to type ${words(name)}`));
    }
    return only(
      isNew(created, 'type', name)
        ? asNew(`renames value ${values}`)
        : breaking(`renames value ${values}, which code of the previous release may still write`),
    );
  },

  AlterDomainStmt: (s, { created }) => {
    const name = stringsOf(s.typeName);
    return only(
      isNew(created, 'type', name)
        ? asNew(`changes domain ${words(name)}`)
        : domainChange(s, `domain ${words(name)}`),
    );
  },

  AlterTypeStmt: (s) => only(undecided(`changes how type ${words(stringsOf(s.typeName))} works`)),
  AlterCollationStmt: (s) =>
    only(compatible(`refreshes the version of collation ${words(stringsOf(s.collname))}`)),
  AlterOperatorStmt: () => only(compatible('changes how an operator is planned')),
  AlterOpFamilyStmt: (s) =>
    only(undecided(`changes operator family ${words(stringsOf(s.opfamilyname))}`)),
  AlterTSConfigurationStmt: (s) =>
    only(undecided(`changes text search configuration ${words(stringsOf(s.cfgname))}`)),
  AlterTSDictionaryStmt: (s) =>
    only(undecided(`changes text search dictionary ${words(stringsOf(s.dictname))}`)),
};

// The letters are those of the parser's AlterDomainStmt.subtype.
function domainChange(s: Body<'AlterDomainStmt'>, domain: string): Compatibility {
  const constraint = words([s.name ?? '']);
  switch (s.subtype) {
    case 'T':
      return s.def === undefined
        ? breaking(`drops the default of ${domain}, which inserts may rely on`)
        : compatible(`sets the default of ${domain}`);
    case 'N':
      return compatible(`lets ${domain} be null, which writes do not notice`);
    case 'O':
      return breaking(`makes ${domain} refuse nulls, which code may write`);
    case 'C': {
      const added = bodyOf(s.def, 'Constraint');
      const what = added === undefined ? 'constraint' : constraintWords(added);
      return breaking(
        `adds ${what} to ${domain}, which writes of the previous release may violate`,
      );
    }
    case 'X':
      return compatible(`drops constraint ${constraint} of ${domain}, which only allows more`);
    case 'V':
      return compatible(`validates constraint ${constraint} of ${domain}`);
    default:
      return undecided(`slipway does not know what this change of ${domain} does`);
  }
}
