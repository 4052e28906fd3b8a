/** A page per error code: what it means, what to do. `docs/reference/errors.md` is written from it. */

import type { ErrorCode } from '../core/errors.ts';
import type { ErrorPage } from './error-page.ts';
import { FILE_ERROR_PAGES } from './error-pages-files.ts';
import { RUN_ERROR_PAGES } from './error-pages-runs.ts';

/** The page of each error code. */
export const ERROR_PAGES: { readonly [C in ErrorCode]: ErrorPage } = {
  ...FILE_ERROR_PAGES,
  ...RUN_ERROR_PAGES,
};
