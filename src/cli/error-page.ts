/** What a person is told about an error code. */

/** A page: what happened, and what to do. */
export interface ErrorPage {
  /** What happened, in a sentence or two. */
  readonly meaning: string;
  /** What to do, the likeliest first. */
  readonly steps: readonly string[];
}
