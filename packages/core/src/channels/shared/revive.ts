import type { Runtime } from '../../runtime/runtime.js';
import type { EndpointToken } from '../../transport/backend.js';
import type { Link } from '../ports/link.js';
import type { RemoteToken } from '../ports/token.js';
import { type Bells, sharedBells } from './bells.js';
import { SharedLink, type SharedPort } from './link.js';
import { Words } from './words.js';

/** Whether what came in the place of a port is a place in shared memory. */
export function isShared(port: object): port is SharedPort {
  return 'memory' in port;
}

/** Whether it is the token of an endpoint in shared memory. */
export function isSharedToken({ body }: EndpointToken): boolean {
  return isShared((body as RemoteToken).port);
}

/** The link of an endpoint in shared memory; `host` is the one that was made of its port. */
export function reviveShared(port: SharedPort, role: 'producer' | 'consumer', host: Link, runtime: Runtime, bells: Bells = sharedBells): Link {
  return new SharedLink(new Words(port.memory, port.pages), { ...port, role }, host, runtime, bells);
}
