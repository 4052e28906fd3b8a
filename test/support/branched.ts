/** The branched history that the tests of the graph commands ask about. */

import type { RevisionSpec } from './projects.ts';

/** Does nothing, which is enough where only the graph matters. */
export const up = 'select 1;';

/** A branch with labels, its merge, and a second base that depends on one side of it. */
export const branched: readonly RevisionSpec[] = [
  { id: 'a1', revises: [], message: 'Base', up },
  { id: 'b1', revises: ['a1'], message: '사용자 추가', header: ['label users'], up },
  { id: 'b2', message: 'More users', up },
  { id: 'c1', revises: ['a1'], message: 'Billing', header: ['label billing'], up },
  { id: 'd1', revises: ['b2', 'c1'], message: 'Merge', up },
  { id: 'x1', revises: [], header: ['depends-on b1', 'label audit'], message: 'Audit', up },
];
