/** The rule about columns that get another name. */

import { type Body, bodyOf, relationName, relationWords, words } from '../../analysis/tree.ts';
import { breaksOldCode } from '../breaking.ts';
import { statementsBefore, typeBefore } from '../history.ts';
import { BEFORE_ROLLOUT, nameSql, revisionSteps } from '../revision-text.ts';
import { backfillDirective, chosenName, KEY_NOTE, relationSql } from '../rewrite.ts';
import type { LintedStatement, Rule, RuleContext } from '../rule.ts';
import { placeOfName } from '../word-place.ts';

/** `rename-column`. */
export const RENAME_COLUMN: Rule = {
  id: 'rename-column',
  severity: 'error',
  title: 'a column gets another name while code still uses the old one',
  why: `Pods of the previous release run until the rollout is through, and again after a rollback. They know only the old name; new pods know only the new one. Every query that says the other's name fails.

The rename itself takes \`access exclusive\` for a moment.`,
  instead: `Leave the column its name, and change it only in the code. Or: add the new column, let a trigger keep both the same, fill it with a backfill, and drop the old one in a contract revision, two releases later.`,
  examples: [
    {
      bad: 'alter table users rename column name to full_name;',
      good: 'alter table users add column full_name text;',
    },
  ],
  covers: ['squawk:renaming-column', 'strong_migrations:rename_column', 'atlas:BC102'],
  statement(statement, context) {
    const rename = bodyOf(statement.node, 'RenameStmt');
    if (rename?.renameType !== 'OBJECT_COLUMN' || !breaksOldCode(statement)) return [];
    const table = relationName(rename.relation);
    const from = rename.subname ?? '';
    const to = rename.newname ?? '';
    return [
      {
        message: `renames column ${words([...table, from])} to ${words([to])}, which code of the previous release still calls by its old name`,
        ...placeOfName(statement, to),
        why: `Old pods fail at ${words([to])}, new pods at ${words([from])}. Only two columns suit both.`,
        rewrite:
          rename.relationType === 'OBJECT_TABLE'
            ? twoColumns(rename.relation, {
                from,
                to,
                type: typeOf(statement, context) ?? `<type of ${from}>`,
              })
            : `-- create ${relationWords(rename.relation)} with ${words([to])} under another name, and drop this one in a contract revision`,
      },
    ];
  },
};

/** The column's type, where a revision of the same run tells it. */
function typeOf(linted: LintedStatement, context: RuleContext): string | undefined {
  const rename = bodyOf(linted.node, 'RenameStmt');
  const before = statementsBefore(linted, context);
  const type = typeBefore(before, rename?.relation, rename?.subname);
  return type === undefined ? undefined : context.deparse({ TypeName: type });
}

function twoColumns(
  relation: Body<'RangeVar'> | undefined,
  { from, to, type }: { readonly from: string; readonly to: string; readonly type: string },
): string {
  const sql = relationSql(relation);
  const [a, b] = [nameSql([from]), nameSql([to])];
  const name = chosenName(relation, [to], 'sync');
  const sync = nameSql([...relationName(relation).slice(0, -1), name]);
  const trigger = nameSql([name]);
  const dropSync = `drop trigger ${trigger} on ${sql};\ndrop function ${sync}();`;
  const createSync = `create function ${sync}() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.${b} := coalesce(new.${b}, new.${a});
    new.${a} := new.${b};
  elsif new.${b} is distinct from old.${b} then
    new.${a} := new.${b};
  else
    new.${b} := new.${a};
  end if;
  return new;
end $$;
create trigger ${trigger} before insert or update on ${sql}
  for each row execute function ${sync}();`;
  return revisionSteps([
    {
      when: BEFORE_ROLLOUT,
      header: ['phase expand', `compatible yes a trigger keeps ${from} and ${to} the same`],
      up: `alter table ${sql} add column ${b} ${type};\n${createSync}`,
      down: `${dropSync}\nalter table ${sql} drop column ${b};`,
    },
    {
      when: BEFORE_ROLLOUT,
      header: ['phase expand', 'transaction none'],
      up: `${backfillDirective(relation)}
${KEY_NOTE}
update ${sql} set ${b} = ${a}
where id between :from and :to and ${b} is distinct from ${a};`,
      down: '',
    },
    {
      when: `with a later release, once no code uses ${from} any more`,
      header: [
        'phase contract',
        `approve data-loss ${to} has every value of ${from}`,
        `irreversible no code knows ${from} any more`,
      ],
      up: `${dropSync}\nalter table ${sql} drop column ${a};`,
    },
  ]);
}
