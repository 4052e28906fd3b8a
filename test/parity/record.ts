/** Asks the installed Alembic everything and writes its answers down: `node test/parity/record.ts`. */

import { writeFileSync } from 'node:fs';
import { askAlembic, RECORDING } from './alembic.ts';

writeFileSync(RECORDING, await askAlembic());
