/** How two catalogs differ that should be the same, as far as it matters. */

import { type Catalog, type CatalogDifference, compareCatalogs } from '../core/catalog.ts';
import { HIDDEN_PREFIX } from '../core/soft-drop.ts';

/** All but what a soft drop keeps hidden: a down may hide what its up made, and so lose nothing. */
export function differencesBetween(
  expected: Catalog,
  found: Catalog,
): readonly CatalogDifference[] {
  return compareCatalogs(expected, found).filter(
    (each) => !(each.change === 'extra' && each.object.name.includes(HIDDEN_PREFIX)),
  );
}
