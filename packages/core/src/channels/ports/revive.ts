import type { Runtime } from '../../runtime/runtime.js';
import type { ConsumerBackend, EndpointToken, ProducerBackend } from '../../transport/backend.js';
import type { Link } from './link.js';
import { RemoteConsumer } from './remote-consumer.js';
import { RemoteProducer } from './remote-producer.js';
import type { RemoteToken } from './token.js';

/** Makes an endpoint's back end of the token that arrived; `connect` makes a link of the port that came with it. */
export function reviveEndpoint(token: EndpointToken, runtime: Runtime, connect: (port: object, role: 'producer' | 'consumer') => Link): ProducerBackend | ConsumerBackend {
  const body = token.body as RemoteToken;
  const { id, spec, epoch, credits, sequence, refusing } = body;
  const link = connect(body.port, token.role);
  return token.role === 'producer'
    ? new RemoteProducer(id, spec, link, runtime, { epoch, credits, sequence, refusing })
    : new RemoteConsumer(id, spec, link, runtime, body);
}
