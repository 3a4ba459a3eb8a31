import { MillraceError } from '../errors/error.js';
import type { ConsumerBackend, ProducerBackend } from '../transport/backend.js';

/** What stands in an endpoint's place here once it works elsewhere: every use is an error, closing is harmless. */
function refuse(id: string): () => never {
  return () => {
    throw new MillraceError(
      'ENDPOINT_MOVED',
      `Endpoint ${id} was handed to a worker and works there now. Open another from the queue to use one here.`,
      { endpoint: id },
    );
  };
}

export function movedProducer(id: string): ProducerBackend {
  const moved = refuse(id);
  return { id, offer: moved, tryOffer: moved, park: moved, unpark: moved, flush: moved, close: () => undefined, depart: moved, checkDepart: moved };
}

export function movedConsumer(id: string): ConsumerBackend {
  const moved = refuse(id);
  return {
    id,
    onTake: false,
    take: moved,
    tryTake: moved,
    ended: moved,
    drained: moved,
    park: moved,
    unpark: moved,
    handOut: moved,
    ack: moved,
    giveBack: moved,
    reject: moved,
    flush: moved,
    loop: moved,
    close: () => undefined,
    depart: moved,
    checkDepart: moved,
  };
}
