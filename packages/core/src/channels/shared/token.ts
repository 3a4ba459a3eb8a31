import type { EndpointToken } from '../../transport/backend.js';
import type { RemoteToken } from '../ports/token.js';
import type { SharedPort } from './link.js';

// In a file of its own, so that who only asks does not load the channel.

/** Whether what came in the place of a port is a place in shared memory. */
export function isShared(port: object): port is SharedPort {
  return 'memory' in port;
}

/** Whether it is the token of an endpoint in shared memory. */
export function isSharedToken({ body }: EndpointToken): boolean {
  return isShared((body as RemoteToken).port);
}
