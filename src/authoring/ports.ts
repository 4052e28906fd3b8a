/** What writing and checking revisions needs from the outside world. Types only. */

import type { SlipwayError } from '../core/errors.ts';
import type { Language, Revision } from '../core/revision.ts';

/** The folder of revisions, with all that is wrong with its files. */
export interface RevisionFolder {
  readonly revisions: readonly Revision[];
  readonly unreadable: readonly UnreadableFile[];
  /** Paths of files that slipway passes over; hidden ones are left out. */
  readonly passedOver: readonly string[];
}

/** A file that should be a revision and cannot be read as one. */
export interface UnreadableFile {
  readonly file: string;
  /** Empty when not even that could be read. */
  readonly text: string;
  readonly error: SlipwayError;
}

/** Revision files as a commit of the repository has them: what others may have applied. */
export interface PublishedFiles {
  /** As the user wrote it. */
  readonly ref: string;
  readonly files: readonly PublishedFile[];
}

/** A file of a commit. */
export interface PublishedFile {
  /** Path as shown to people, in the folder of today. */
  readonly file: string;
  readonly content: Uint8Array;
}

/** What a new revision's file is made from. */
export interface Template {
  readonly name: string;
  readonly language: Language;
  /** Path as shown to people; undefined for one of slipway's own. */
  readonly file: string | undefined;
  readonly text: string;
}
