import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** This package: what lies in it resolves `@millrace/*` to the built packages. */
export const here = fileURLToPath(new URL('../../', import.meta.url));
