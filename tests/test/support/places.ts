import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** This package: what lies in it resolves `@millrace/*` to the built packages. */
export const here = fileURLToPath(new URL('../..', import.meta.url));

/** The repository's root. */
export const root = path.dirname(here);
