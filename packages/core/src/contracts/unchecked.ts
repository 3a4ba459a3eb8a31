import { MillraceError } from '../errors/error.js';
import { refusingConsumer, refusingProducer } from '../queues/moved.js';
import type { ConsumerBackend, ProducerBackend } from '../transport/backend.js';

/**
 * What stands in the place of an endpoint that has left its schema behind, until it is told one here: it can be handed on
 * and closed. An item can thus not pass unchecked because somebody forgot.
 */
export function uncheckedProducer(inner: ProducerBackend): ProducerBackend {
  const closing: Pick<ProducerBackend, 'unpark' | 'flush' | 'close' | 'checkDepart'> = {
    unpark: () => undefined,
    flush: () => inner.flush(),
    close: () => inner.close(),
    checkDepart: (via) => inner.checkDepart?.(via),
  };
  const refusing = { ...refusingProducer(inner.id, schemaMissing(inner.id)), ...closing };
  if (inner.depart === undefined) delete refusing.depart;
  else refusing.depart = (via) => inner.depart!(via);
  return refusing;
}

export function uncheckedConsumer(inner: ConsumerBackend): ConsumerBackend {
  const closing: Pick<ConsumerBackend, 'unpark' | 'flush' | 'close' | 'checkDepart'> = {
    unpark: () => undefined,
    flush: () => inner.flush(),
    close: () => inner.close(),
    checkDepart: (via) => inner.checkDepart?.(via),
  };
  const refusing = { ...refusingConsumer(inner.id, schemaMissing(inner.id)), ...closing };
  if (inner.depart === undefined) delete refusing.depart;
  else refusing.depart = (via) => inner.depart!(via);
  return refusing;
}

function schemaMissing(id: string): () => never {
  return () => {
    throw new MillraceError(
      'SCHEMA_MISSING',
      `The queue of endpoint ${id} checks its items, and a schema cannot travel to a worker: say \`endpoint.checked(schema)\` there before the endpoint is used, or give the Producer's or Consumer's class an \`itemSchema\`.`,
      { endpoint: id },
    );
  };
}
