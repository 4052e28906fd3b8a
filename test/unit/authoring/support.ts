/** Requests for new revisions, with what most tests do not care about filled in. */

import { BUILT_IN_TEMPLATES } from '../../../src/authoring/built-in-templates.ts';
import {
  type NewRevision,
  type NewRevisionRequest,
  newRevision,
} from '../../../src/authoring/new-revision.ts';
import type { Template } from '../../../src/authoring/ports.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import { graph } from '../../support/graph.ts';

/** slipway's own template for SQL where none is asked for. */
export const defaultTemplate = BUILT_IN_TEMPLATES[0] as Template; // the list begins with it

/** The revision that is made on top of these drawings. */
export function make(
  drawings: readonly string[],
  more: Partial<NewRevisionRequest> = {},
): NewRevision {
  return newRevision(graph(...drawings), {
    message: 'Add phone',
    id: 'new1',
    heads: [],
    base: false,
    splice: false,
    labels: [],
    dependsOn: [],
    phase: 'expand',
    template: defaultTemplate,
    now: Date.UTC(2026, 0, 2, 3, 4, 5),
    ...more,
  });
}

/** The error that `work` throws. */
export function errorOf(work: () => unknown): SlipwayError {
  try {
    work();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('expected an error');
}
