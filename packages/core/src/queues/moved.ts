import { MillraceError } from '../errors/error.js';
import type { ConsumerBackend, ProducerBackend } from '../transport/backend.js';

/** What stands in an endpoint's place here once it works elsewhere: every use is an error, closing is harmless. */
function moved(id: string): () => never {
  return () => {
    throw new MillraceError(
      'ENDPOINT_MOVED',
      `Endpoint ${id} was handed to a worker and works there now. Open another from the queue to use one here.`,
      { endpoint: id },
    );
  };
}

export function movedProducer(id: string): ProducerBackend {
  return refusingProducer(id, moved(id));
}

export function movedConsumer(id: string): ConsumerBackend {
  return refusingConsumer(id, moved(id));
}

/** Refuses everything but to be closed. */
export function refusingProducer(id: string, refuse: () => never): ProducerBackend {
  return { id, offer: refuse, tryOffer: refuse, park: refuse, unpark: refuse, flush: refuse, close: () => undefined, depart: refuse, checkDepart: refuse };
}

export function refusingConsumer(id: string, refuse: () => never): ConsumerBackend {
  return {
    id,
    onTake: false,
    take: refuse,
    tryTake: refuse,
    ended: refuse,
    drained: refuse,
    park: refuse,
    unpark: refuse,
    handOut: refuse,
    ack: refuse,
    giveBack: refuse,
    reject: refuse,
    flush: refuse,
    loop: refuse,
    close: () => undefined,
    depart: refuse,
    checkDepart: refuse,
  };
}
