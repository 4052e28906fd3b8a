/** Judges hazards before anything runs (DESIGN §6.9). */

import { RunError } from '../core/errors.ts';
import type { Reporter } from '../core/events.ts';
import type { Approved, HazardPolicies } from '../core/hazards.ts';
import type { RevisionId } from '../core/revision.ts';
import { type Hazard, hazardsOf } from './hazards.ts';
import type { LiveTables } from './ports.ts';
import type { Step } from './step.ts';

export interface GatePolicy {
  readonly hazards: HazardPolicies;
  /** Work on tables that are smaller is no hazard. */
  readonly hazardBytes: number;
  /** Revisions whose hazards were approved outside their file, and how. */
  readonly approvals: ReadonlySet<RevisionId>;
  readonly approvedBy: 'environment' | 'flag';
  /** `--allow-data-loss`: for downgrades, which have no header of their own. */
  readonly allowDataLoss: boolean;
}

/** For a judgement before the lock, whose findings are told under it. */
export const SILENT: Reporter = { report: () => undefined };

/** What a policy comes to for one hazard. */
export type Judgement =
  | { readonly kind: 'allowed' | 'warned' | 'refused' | 'unapproved' }
  | {
      readonly kind: 'approved';
      readonly by: Approved['by'];
      /** The header's. */
      readonly reason: string | undefined;
    };

/** What `policy` says to `hazard`. */
export function judgementOf(hazard: Hazard, policy: GatePolicy): Judgement {
  const { revision, direction } = hazard.step;
  // Reasons to refuse a downgrade other than lost data would keep somebody from going back.
  if (direction === 'downgrade' && hazard.class !== 'data-loss') return { kind: 'warned' };
  const said = policy.hazards[hazard.class];
  switch (said) {
    case 'allow':
      return { kind: 'allowed' };
    case 'refuse':
      return { kind: 'refused' };
    case 'warn':
    case 'approve': {
      const approval = approvalOf(hazard, policy);
      if (approval !== undefined) return { kind: 'approved', ...approval };
      return { kind: said === 'warn' ? 'warned' : 'unapproved' };
    }
    default:
      throw new Error(`no policy "${said satisfies never}" for revision ${revision.id}`);
  }
}

function approvalOf(
  { class: hazardClass, step }: Hazard,
  policy: GatePolicy,
): { readonly by: Approved['by']; readonly reason: string | undefined } | undefined {
  const { revision, direction } = step;
  if (direction === 'downgrade') {
    return policy.allowDataLoss ? { by: policy.approvedBy, reason: undefined } : undefined;
  }
  const header = revision.approvals.find(({ hazard }) => hazard === hazardClass);
  if (header !== undefined) return { by: 'header', reason: header.reason };
  if (!policy.approvals.has(revision.id)) return undefined;
  return { by: policy.approvedBy, reason: undefined };
}

/**
 * Reports the hazards of `steps` and returns the steps with their approvals noted.
 * @throws RunError `SLIPWAY_NEEDS_APPROVAL`, `SLIPWAY_HAZARD_REFUSED`; nothing has run then
 */
export async function judge(
  steps: readonly Step[],
  policy: GatePolicy,
  { reporter, live }: { readonly reporter: Reporter; readonly live: LiveTables },
): Promise<readonly Step[]> {
  const hazards = await hazardsOf(steps, { live, hazardBytes: policy.hazardBytes });
  const judged = hazards.map((hazard) => ({ hazard, judgement: judgementOf(hazard, policy) }));
  const of = (kind: Judgement['kind']): readonly Hazard[] =>
    judged.filter(({ judgement }) => judgement.kind === kind).map(({ hazard }) => hazard);
  const [refused] = of('refused');
  if (refused !== undefined) throw hazardRefused(refused);
  const [first] = of('unapproved');
  if (first !== undefined) {
    const together = of('unapproved').filter(({ step }) => step === first.step);
    throw needsApproval(first, together, await amounts(together, live));
  }
  for (const { hazard, judgement } of judged) {
    if (judgement.kind === 'allowed') continue;
    const isApproved = judgement.kind === 'approved';
    reporter.report({
      type: 'hazard.found',
      revision: hazard.step.revision.id,
      class: hazard.class,
      hazard: inWords(hazard),
      location: hazard.location,
      approvedBy: isApproved ? judgement.by : undefined,
      reason: isApproved ? judgement.reason : undefined,
    });
  }
  return steps.map((step) => {
    const approved = approvedIn(judged.filter(({ hazard }) => hazard.step === step));
    return approved === undefined ? step : { ...step, approved };
  });
}

function approvedIn(
  judged: readonly { readonly hazard: Hazard; readonly judgement: Judgement }[],
): Approved | undefined {
  const approved = judged.flatMap(({ hazard, judgement }) =>
    judgement.kind === 'approved' ? [{ hazard, judgement }] : [],
  );
  const [first] = approved;
  if (first === undefined) return undefined;
  return {
    by: first.judgement.by,
    reason: first.judgement.reason,
    hazards: approved.map(({ hazard }) => `${hazard.class}: ${inWords(hazard)}`),
  };
}

function inWords({ class: hazardClass, text }: Hazard): string {
  return hazardClass === 'data-loss' ? `loses ${text}` : text;
}

/** How much would be lost, in words: `column users.phone: 40000 values`. */
async function amounts(hazards: readonly Hazard[], live: LiveTables): Promise<readonly string[]> {
  const statements = new Set(hazards.map(({ statement }) => statement));
  const lost = [...statements].flatMap((statement) => statement?.facts.lost ?? []);
  const words: string[] = [];
  for (const data of lost) {
    const count = await live.count(data).catch(() => undefined);
    if (count === undefined) continue;
    const name = [data.schema, data.name, data.column].filter((part) => part !== undefined);
    const kind = data.column === undefined ? 'table' : 'column';
    const noun = data.column === undefined ? 'row' : 'value';
    const about = count.isEstimate ? 'about ' : '';
    words.push(
      `${kind} ${name.join('.')}: ${about}${count.rows} ${noun}${count.rows === 1 ? '' : 's'}`,
    );
  }
  return words;
}

function needsApproval(
  first: Hazard,
  hazards: readonly Hazard[],
  amounts: readonly string[],
): RunError {
  const { revision, direction } = first.step;
  const losses = hazards.filter((hazard) => hazard.class === 'data-loss');
  const shown = losses.length > 0 ? losses : hazards;
  const what =
    losses.length > 0
      ? `would lose ${losses.map(({ text }) => text).join(', ')}`
      : `needs approval: it ${hazards.map(({ text }) => text).join('; ')}`;
  const hazardClass = shown[0]?.class ?? first.class;
  return new RunError(
    'SLIPWAY_NEEDS_APPROVAL',
    `revision "${revision.id}" ${what} (${shown[0]?.location})`,
    {
      hint:
        direction === 'downgrade'
          ? 'Nothing was run. Allow it with --allow-data-loss, and with --backup keep what goes.'
          : `Nothing was run. Write "-- slipway:approve ${hazardClass} <reason>" into the header of ${revision.file}, or set SLIPWAY_APPROVE=${revision.id}.`,
      details: {
        ...placeOf(shown[0] ?? first),
        class: hazardClass,
        ...(amounts.length > 0 ? { amounts } : {}),
        ...(losses.length > 0
          ? { losses: losses.map(({ text }) => text) }
          : { hazards: hazards.map(({ text }) => text) }),
      },
    },
  );
}

function hazardRefused(hazard: Hazard): RunError {
  const { revision } = hazard.step;
  const isCode = hazard.class === 'breaking' || hazard.class === 'unknown';
  return new RunError(
    'SLIPWAY_HAZARD_REFUSED',
    `revision "${revision.id}" is refused by policy: ${inWords(hazard)} (${hazard.location})`,
    {
      hint: isCode
        ? `Nothing was run. Split the change into an expand and a contract revision, say "-- slipway:compatible yes <reason>" in the header, or set hazards to warn.`
        : `Nothing was run. slipway lint ${revision.file} shows the safe way; to accept it, set hazards to "${hazard.class}=warn".`,
      details: { ...placeOf(hazard), class: hazard.class, hazard: hazard.text },
    },
  );
}

function placeOf({ step, statement }: Hazard) {
  const { id, file } = step.revision;
  return {
    revision: id,
    file,
    ...(statement === undefined ? {} : { line: statement.line, column: statement.column }),
  };
}
