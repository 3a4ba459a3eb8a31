import { MillraceError } from '../../errors/error.js';

export function linkLost(id: string): MillraceError {
  return new MillraceError('ENDPOINT_LOST', `Endpoint ${id} has lost the link to its queue: the queue's process or thread is gone.`, {
    endpoint: id,
  });
}
