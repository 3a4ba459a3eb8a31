import type { Runtime } from '../../runtime/runtime.js';
import type { Link } from '../ports/link.js';
import type { Bells } from './bells.js';
import { lingeringBells } from './lingering.js';
import { SharedLink, type SharedPort } from './link.js';
import { Words } from './words.js';

/** The link of an endpoint in shared memory; `host` is the one that was made of its port. */
export function reviveShared(port: SharedPort, role: 'producer' | 'consumer', host: Link, runtime: Runtime, bells: Bells = lingeringBells): Link {
  return new SharedLink(new Words(port.memory, port.pages), { ...port, role }, host, runtime, bells);
}
