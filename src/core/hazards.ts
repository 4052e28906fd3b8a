/** What may hurt when a revision is applied, and what is to be done about each class of it (DESIGN §6.9). */

/**
 * `data-loss`: data is gone for good · `breaking`: code of the previous release may fail ·
 * `unknown`: it cannot be told whether it does · `rewrite`, `scan`, `index-build`: a table that is in
 * use is gone through while its readers or writers wait · `bulk-write`: one statement changes all rows.
 */
export const HAZARD_CLASSES = [
  'data-loss',
  'breaking',
  'unknown',
  'rewrite',
  'scan',
  'index-build',
  'bulk-write',
] as const;

/** A class of hazards. */
export type HazardClass = (typeof HAZARD_CLASSES)[number];

/** `approve`: refused unless the file's header or an operator approves it. */
export const HAZARD_POLICIES = ['allow', 'warn', 'refuse', 'approve'] as const;

/** What is done about a hazard. */
export type HazardPolicy = (typeof HAZARD_POLICIES)[number];

/** What is done about the hazards of each class. */
export type HazardPolicies = { readonly [C in HazardClass]: HazardPolicy };

/** What is done unless somebody says otherwise. */
export const DEFAULT_HAZARD_POLICIES: HazardPolicies = {
  'data-loss': 'approve',
  breaking: 'warn',
  unknown: 'warn',
  rewrite: 'warn',
  scan: 'warn',
  'index-build': 'warn',
  'bulk-write': 'warn',
};

/** `approve <class> <reason>`: a hazard of this revision that somebody accepted. */
export interface Approval {
  readonly hazard: HazardClass;
  readonly reason: string;
}

/** Hazards that were approved, for the audit log. */
export interface Approved {
  readonly by: 'header' | 'environment' | 'flag';
  readonly reason: string | undefined;
  /** In words, each with its class. */
  readonly hazards: readonly string[];
}

/** Whether the word is a class of hazards. */
export function isHazardClass(word: string): word is HazardClass {
  return (HAZARD_CLASSES as readonly string[]).includes(word);
}

/**
 * Reads `warn`, `refuse` (every class but lost data, which is never let pass by such a word) or
 * `breaking=refuse rewrite=approve`. Answers what is wrong where it makes no sense.
 */
export function readHazardPolicies(text: string): HazardPolicies | string {
  const policies: { [C in HazardClass]: HazardPolicy } = { ...DEFAULT_HAZARD_POLICIES };
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const [name = '', policy = name, ...rest] = word.split('=');
    if (rest.length > 0 || !isPolicy(policy)) return `"${word}" is no policy`;
    if (word === policy) {
      for (const each of HAZARD_CLASSES) if (each !== 'data-loss') policies[each] = policy;
    } else if (isHazardClass(name)) {
      policies[name] = policy;
    } else {
      return `there is no class of hazards "${name}"`;
    }
  }
  return policies;
}

function isPolicy(word: string): word is HazardPolicy {
  return (HAZARD_POLICIES as readonly string[]).includes(word);
}
