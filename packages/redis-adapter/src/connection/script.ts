import { createHash } from 'node:crypto';

import type { Script } from './types.js';

/** Makes a script of its source. */
export function script(name: string, source: string): Script {
  return { name, source, sha1: createHash('sha1').update(source).digest('hex') };
}
