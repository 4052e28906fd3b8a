/** Who may do what: privileges, roles and row security policies. */

import { isNew, isNewRelation, namespaceOf } from '../created.ts';
import { asNew, breaking, compatible, type Handlers, only, undecided } from '../effect.ts';
import { identityOf } from '../record-created.ts';
import { kindWords, nameOf, relationName, relationWords, words } from '../tree.ts';

/** Facts about `grant`, `revoke`, `alter policy`, `alter role` and their like. */
export const access: Handlers = {
  GrantStmt: (s, { created }) => {
    const objects = s.objects ?? [];
    const all = s.targtype === 'ACL_TARGET_ALL_IN_SCHEMA' ? 'everything in schema ' : '';
    const names = objects.map((object) => words(nameOf(object))).join(', ');
    const what = `${all === '' ? kindWords(s.objtype) : all.trimEnd()} ${names}`;
    if (s.is_grant === true) return only(compatible(`grants privileges on ${what}`));
    const areNew =
      all === '' &&
      objects.every((object) => isNew(created, namespaceOf(s.objtype), identityOf(object)));
    return only(
      areNew
        ? asNew(`revokes privileges on ${what}`)
        : breaking(`revokes privileges on ${what}, which code of the previous release may need`),
    );
  },
  GrantRoleStmt: (s) =>
    only(
      s.is_grant === true
        ? compatible('grants membership in a role')
        : breaking('revokes membership in a role, which code of the previous release may need'),
    ),
  AlterDefaultPrivilegesStmt: () =>
    only(compatible('changes the privileges of objects that are created later')),

  AlterPolicyStmt: (s, { created }) => {
    const what = `policy ${words([s.policy_name ?? ''])} on ${relationWords(s.table)}`;
    const isNewPolicy = isNew(created, 'OBJECT_POLICY', [
      ...relationName(s.table),
      s.policy_name ?? '',
    ]);
    return only(
      isNewPolicy || isNewRelation(created, s.table)
        ? asNew(`changes ${what}`)
        : undecided(`changes ${what}, which may hide rows from code of the previous release`),
    );
  },

  AlterRoleStmt: (s, { created }) => {
    const role = s.role?.rolename;
    return only(
      role !== undefined && isNew(created, 'OBJECT_ROLE', [role])
        ? asNew(`changes role ${words([role])}`)
        : undecided(`changes role ${words([role ?? 'current_user'])}, as which code may connect`),
    );
  },
  AlterRoleSetStmt: (s) =>
    only(
      undecided(
        `changes ${s.setstmt?.name ?? 'settings'} for new sessions of role ${words([s.role?.rolename ?? 'all'])}`,
      ),
    ),
  SecLabelStmt: (s) => only(undecided(`changes the security label of a ${kindWords(s.objtype)}`)),
};
