/** A reporter that writes its story into a script: which revision comes, and what it does. */

import type { Reporter } from '../core/events.ts';
import type { RevisionId } from '../core/revision.ts';

/** Where a script's comments go. */
export interface Page {
  comment(text: string): void;
}

/** A reporter that annotates a script. What did not happen is not reported any further. */
export interface Narrator extends Reporter {
  /** The revisions of the plan, in order. */
  readonly revisions: readonly { readonly id: RevisionId; readonly description: string }[];
}

/** Writes on `page` which revision comes now and what it does to data and code. */
export function narrator(
  page: Page,
  reporter: Reporter,
  fileOf: (id: RevisionId) => string | undefined,
): Narrator {
  const hazards = new Map<RevisionId, string[]>();
  let revisions: Narrator['revisions'] = [];
  return {
    get revisions() {
      return revisions;
    },
    report(event) {
      switch (event.type) {
        case 'schema.ahead':
          reporter.report(event);
          break;
        case 'hazard.found': {
          reporter.report(event);
          const { hazard, location, approvedBy, reason } = event;
          const approved = approvedBy === undefined ? '' : `; approved by ${approvedBy}`;
          const text = `hazard: ${hazard} (${location})${approved}${reason === undefined ? '' : `: ${reason}`}`;
          hazards.set(event.revision, [...(hazards.get(event.revision) ?? []), text]);
          break;
        }
        case 'plan.ready':
          revisions = event.revisions;
          break;
        case 'revision.started':
          page.comment(`${event.direction} ${event.revision}  ${event.description}`);
          page.comment(fileOf(event.revision) ?? '');
          for (const hazard of hazards.get(event.revision) ?? []) page.comment(hazard);
          break;
        default:
      }
    },
  };
}
