import { FarHost } from '../../channels/ports/far-host.js';
import type { Link } from '../../channels/ports/link.js';
import { reviveEndpoint } from '../../channels/ports/revive.js';
import { MillraceError } from '../../errors/error.js';
import { ConsumerEndpoint } from '../../queues/consumer-endpoint.js';
import { ProducerEndpoint } from '../../queues/producer-endpoint.js';
import { DEPART, type Traveller } from '../../queues/travel.js';
import type {
  ConsumerBackend,
  Departure,
  EndpointToken,
  ProducerBackend,
  QueueBackend,
} from '../../transport/backend.js';
import type { TransportManifest } from '../../transport/manifest.js';
import { Home } from '../../transport/memory/home.js';
import { HomeQueue } from '../../transport/memory/home-queue.js';
import type { QueueSpec } from '../../transport/spec.js';
import type { QueueHealth, Transport, TransportHealth } from '../../transport/transport.js';
import { fail } from '../assert.js';
import { nextTurn } from '../bench.js';
import { ManualClock } from '../clock.js';
import type { FarConsumer, FarProducer } from '../far.js';
import type { Fixture, FixtureOptions, TransportUnderTest } from '../target.js';

/** What links are made of, for one case. */
export interface Wires {
  /** A new link: this side of it, and what the other side is made of. */
  open(): { readonly near: Link; readonly far: object };
  connect(far: object): Link;
  /** Both sides of the link hear that it is lost, all messages under way having arrived. */
  cut(far: object): void;
  /** How many messages are under way, or have come since this was last asked, less those that `schedule` was given. */
  underWay(): number;
  /** Links that are open. */
  leftovers(): string[];
}

const manifest: TransportManifest = Object.freeze({
  isolation: 'thread',
  durable: false,
  confirms: 'batch',
  values: 'clone',
  transfer: true,
  acknowledge: Object.freeze(['on-done', 'on-take'] as const),
  overflow: Object.freeze(['wait', 'drop-oldest', 'drop-newest'] as const),
  gate: true,
  ordering: 'per-producer',
  largestValue: Infinity,
  leaseWhileBlocked: true,
});

/**
 * The port channel under test, over any kind of link, with both ends in this process: all endpoints that the cases use are
 * far ones.
 */
export function linksTarget(
  name: string,
  wiring: (options: FixtureOptions) => Wires,
  options: { readonly runs?: number; readonly homes?: (options: FixtureOptions) => Homes } = {},
): TransportUnderTest {
  return {
    name,
    manifest,
    moves: true,
    local: false,
    here: true,
    runs: options.runs ?? 1000,
    create: (given) => linksFixture(name, wiring(given), (options.homes ?? portHomes)(given)),
  };
}

/** A queue's home, as the transport under test keeps it. */
export interface OpenHome {
  readonly queue: QueueBackend;
  health(): QueueHealth;
}

/** Where queues live, and how far endpoints reach them. */
export interface Homes {
  open(spec: QueueSpec, clock: ManualClock): OpenHome;
  /** The link of an endpoint that has come by this token. */
  connect(port: object, role: 'producer' | 'consumer', clock: ManualClock, wires: Wires): Link;
  /** How much is under way beside the links' messages, or has come since this was last asked. */
  underWay(): number;
}

const portHomes = (): Homes => ({
  open: (spec, clock) => {
    const home = new Home({ ...spec, clone: true }, clock);
    home.far = new FarHost(home);
    return { queue: new HomeQueue(home), health: () => home.health() };
  },
  connect: (port, _role, _clock, wires) => wires.connect(port),
  underWay: () => 0,
});

function linksFixture(name: string, wires: Wires, queueHomes: Homes): Fixture {
  const clock = new ManualClock();
  const transport = linksTransport(name, clock, queueHomes);
  const fars = new Map<object, object>();
  let workers = 0;

  const depart = (traveller: Traveller): [EndpointToken, object] => {
    let far: object | undefined;
    const via: Departure = {
      worker: `worker-${++workers}`,
      local: false,
      open: () => {
        const opened = wires.open();
        far = opened.far;
        return { link: opened.near, far };
      },
    };
    // As an adapter does: first it is made sure that it can leave.
    traveller[DEPART](via, 'check');
    const token = traveller[DEPART](via);
    // A far one has its link already.
    return [token, far ?? fars.get(traveller) ?? fail('the endpoint opened no link')];
  };
  const revive = (token: EndpointToken): ProducerBackend | ConsumerBackend =>
    reviveEndpoint(token, clock, (port) => queueHomes.connect(port, token.role, clock, wires));
  const moveProducer = async (traveller: Traveller): Promise<FarProducer> => {
    const [token, far] = depart(traveller);
    const backend = revive(token) as ProducerBackend;
    const endpoint = new ProducerEndpoint<unknown>(backend, clock);
    fars.set(endpoint, far);
    return endpoint;
  };
  const moveConsumer = async (traveller: Traveller): Promise<FarConsumer> => {
    const [token, far] = depart(traveller);
    const backend = revive(token) as ConsumerBackend;
    const endpoint = new ConsumerEndpoint<unknown>(backend, clock);
    fars.set(endpoint, far);
    return endpoint;
  };

  return {
    transport,
    clock,
    producer: async (queue) => moveProducer(queue.producer()),
    consumer: async (queue) => moveConsumer(queue.consumer()),
    moveProducer,
    moveConsumer,
    settle: async () => {
      // Twice: where all that is deferred runs in one go, what follows from it by promises may be behind this look. For the same
      // reason what has come meanwhile counts, though nothing is under way any more.
      for (let quiet = 0; quiet < 2; quiet++) {
        await nextTurn();
        if (clock.runDeferred() > 0 || wires.underWay() > 0 || queueHomes.underWay() > 0)
          quiet = -1;
      }
    },
    crash: async (endpoint) => {
      wires.cut(fars.get(endpoint) ?? fail('the endpoint is not far'));
    },
    leftovers: () => wires.leftovers(),
    dispose: () => transport.close(),
  };
}

/** A transport whose queues live here and whose endpoints may be far. It starts no workers: the fixture hands endpoints over. */
function linksTransport(name: string, runtime: ManualClock, queueHomes: Homes): Transport {
  const homes = new Set<OpenHome>();
  let closed: MillraceError | undefined;
  return Object.freeze({
    name,
    manifest,
    runtime,
    openQueue(spec: QueueSpec) {
      if (closed !== undefined) throw closed;
      const home = queueHomes.open(spec, runtime);
      homes.add(home);
      void home.queue.whenEnded()?.then(() => homes.delete(home));
      return home.queue;
    },
    start(): never {
      throw new MillraceError('CAPABILITY_MISSING', `Transport ${name} starts no workers.`);
    },
    health: (): TransportHealth => ({
      open: closed === undefined,
      workers: 0,
      queues: [...homes].map((home) => home.health()),
    }),
    close: async () => {
      closed ??= new MillraceError('TRANSPORT_CLOSED', `The transport ${name} was closed.`, {
        transport: name,
      });
      for (const { queue } of homes) queue.dispose(closed);
      homes.clear();
    },
  });
}
