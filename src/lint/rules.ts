/** All rules, in the order of their pages. */

import type { Rule } from './rule.ts';
import { UNUSED_IGNORE } from './rules/unused-ignore.ts';

/** Every rule there is. */
export const RULES: readonly Rule[] = [UNUSED_IGNORE];
