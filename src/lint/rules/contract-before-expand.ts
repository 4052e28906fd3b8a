/** The rule about contract revisions that cannot wait for the rollout, since others need them. */

import type { Revision, RevisionId } from '../../core/revision.ts';
import type { LintedRevision, ReleaseProblem, Rule } from '../rule.ts';

/** `contract-before-expand`. */
export const CONTRACT_BEFORE_EXPAND: Rule = {
  id: 'contract-before-expand',
  severity: 'error',
  title: 'a contract revision has an expand revision of the same release behind it',
  why: `\`upgrade --phase expand\` runs before the rollout and leaves out the contract revisions at the end. One that an expand revision needs cannot be left out: it runs before the rollout as well, and takes from pods of the previous release what they still use. That is what contract was to prevent.

A merge counts, too: without \`phase contract\` in its header it is an expand revision.`,
  instead: `Turn the order around: let the expand revision follow what the contract revision followed, and the contract revision follow it. Or ship the contract revision with the next release.`,
  examples: [
    {
      bad: `-- file: migrations/1_drop_phone.sql
-- slipway:revision c1
-- slipway:revises r1
-- slipway:phase contract
-- slipway:approve data-loss phones are in contacts
-- Drop users.phone

-- slipway:up
alter table users drop column phone;

-- slipway:down
alter table users add column phone text;
-- file: migrations/2_add_nickname.sql
-- slipway:revision e1
-- slipway:revises c1
-- Add users.nickname

-- slipway:up
alter table users add column nickname text;

-- slipway:down
alter table users drop column nickname;`,
      good: `-- file: migrations/1_add_nickname.sql
-- slipway:revision e1
-- slipway:revises r1
-- Add users.nickname

-- slipway:up
alter table users add column nickname text;

-- slipway:down
alter table users drop column nickname;
-- file: migrations/2_drop_phone.sql
-- slipway:revision c1
-- slipway:revises e1
-- slipway:phase contract
-- slipway:approve data-loss phones are in contacts
-- Drop users.phone

-- slipway:up
alter table users drop column phone;

-- slipway:down
alter table users add column phone text;`,
    },
  ],
  covers: [],
  release(release) {
    const byId = new Map(release.map(({ revision }) => [revision.id, revision]));
    return release.flatMap(({ revision }) => {
      if (revision.phase !== 'contract') return [];
      const behind = release.find(
        (other) => other.revision.phase !== 'contract' && needs(other.revision, revision.id, byId),
      );
      return behind === undefined ? [] : [problem(revision, behind)];
    });
  },
};

/** Whether `revision` comes after `id` in the graph, as far as the release goes. */
function needs(
  revision: Revision,
  id: RevisionId,
  byId: ReadonlyMap<RevisionId, Revision>,
): boolean {
  const seen = new Set<RevisionId>();
  const rest = [revision];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    for (const before of [...next.revises, ...next.dependsOn]) {
      if (before === id) return true;
      const found = byId.get(before);
      if (found === undefined || seen.has(before)) continue;
      seen.add(before);
      rest.push(found);
    }
  }
  return false;
}

function problem(contract: Revision, behind: LintedRevision): ReleaseProblem {
  const expand = behind.revision;
  const isEmpty = (behind.sections.up ?? []).length === 0;
  const at = contract.source.search(/^--[ \t]*slipway[ \t]*:[ \t]*phase[ \t]/im);
  return {
    revision: contract,
    message: `revision "${contract.id}" is phase contract, but expand revision "${expand.id}" (${expand.file}) of the same release needs it`,
    ...(at === -1 ? {} : { at }),
    why: 'upgrade --phase expand has to run it before the rollout then, while pods of the previous release still use what it takes away.',
    rewrite: isEmpty
      ? `-- in the header of ${expand.file}
-- slipway:phase contract`
      : `-- in the header of ${expand.file}
-- slipway:revises ${contract.revises.join(' ')}

-- in the header of ${contract.file}
-- slipway:revises ${expand.id}`,
  };
}
