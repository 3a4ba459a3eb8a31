import {
  type ArgsOf,
  type HostArgs,
  MillraceError,
  type QueueSpec,
  type ResultOf,
  type StartOptions,
  systemRuntime,
  type Transport,
  type WorkerFunction,
  type WorkerHandle,
  type WorkerRef,
} from '@millrace/core';
import {
  FarHost,
  Home,
  HomeQueue,
  type Link,
  receiveArgs,
  reviveEndpoint,
  runHere,
  sendArgs,
} from '@millrace/core/channels';

type Item = readonly unknown[] | typeof LOST;
const LOST = Symbol('lost');

/** Brings what was posted to the other end, now or later, but never before what was posted there earlier. */
export type Schedule = (deliver: () => void, where: 'to home' | 'from home') => void;

class End {
  readonly where: 'to home' | 'from home';
  other!: End;
  open = true;
  readonly transit: Item[] = [];
  readonly early: Item[] = [];
  listener: { onMessage(message: readonly unknown[]): void; onLost(): void } | undefined;

  constructor(where: 'to home' | 'from home') {
    this.where = where;
  }
}

export interface LinksTransport extends Transport {
  /** Cuts a worker off, as the death of its thread does. */
  kill(id: string): void;
}

/**
 * Workers in this process, at the far end of links that exist in memory: values are cloned and endpoints are far, as they are
 * with threads, and a worker can be cut off. `schedule` decides when each message arrives.
 */
export function links(schedule: Schedule = (deliver) => setImmediate(deliver)): LinksTransport {
  const homes = new Set<Home>();
  const workers = new Map<string, End[]>();
  let closed: MillraceError | undefined;
  let started = 0;

  const arrive = (end: End): void => {
    const item = end.transit.shift();
    if (item === undefined || !end.open) return;
    if (end.listener === undefined) end.early.push(item);
    else if (item !== LOST) end.listener.onMessage(item);
    else {
      end.open = false;
      end.listener.onLost();
    }
  };
  const send = (to: End, item: Item): void => {
    if (!to.open) return;
    to.transit.push(item);
    schedule(() => {
      arrive(to);
    }, to.where);
  };
  const connect = (end: End): Link => ({
    post: (message, transfer) => {
      if (!end.open) return;
      send(
        end.other,
        structuredClone(message, {
          transfer: [...(transfer ?? [])] as ArrayBuffer[],
        }) as readonly unknown[],
      );
    },
    receive: (onMessage, onLost) => {
      end.listener = { onMessage, onLost };
      const early = end.early.splice(0);
      end.transit.unshift(...early);
      for (const _ of early)
        schedule(() => {
          arrive(end);
        }, end.where);
    },
    close: () => {
      if (!end.open) return;
      end.open = false;
      send(end.other, LOST);
    },
    detach: () => {
      end.listener = undefined;
      return end;
    },
  });

  return Object.freeze({
    name: 'links',
    manifest: Object.freeze({
      isolation: 'thread',
      durable: false,
      confirms: 'batch',
      values: 'clone',
      transfer: true,
      acknowledge: ['on-done', 'on-take'],
      overflow: ['wait', 'drop-oldest', 'drop-newest'],
      gate: true,
      ordering: 'per-producer',
      largestValue: Infinity,
      leaseWhileBlocked: true,
    } as const),
    runtime: systemRuntime,

    openQueue(spec: QueueSpec) {
      if (closed !== undefined) throw closed;
      const home = new Home({ ...spec, clone: true }, systemRuntime);
      home.far = new FarHost(home);
      homes.add(home);
      return new HomeQueue(home);
    },

    start<Entry extends WorkerFunction<never, unknown>>(
      worker: WorkerRef<Entry>,
      args: HostArgs<ArgsOf<Entry>>,
      options: StartOptions = {},
    ): WorkerHandle<ResultOf<Entry>> {
      if (closed !== undefined) throw closed;
      const id = options.name ?? `far-${String(++started)}`;
      const ends: End[] = [];
      const open = (): { link: Link; far: object } => {
        const [near, far] = [new End('to home'), new End('from home')];
        near.other = far;
        far.other = near;
        ends.push(far);
        return { link: connect(near), far };
      };
      const receive = (value: unknown) => {
        const { sent } = sendArgs(value, { worker: id, local: false, open });
        return receiveArgs(sent, systemRuntime, (token) =>
          reviveEndpoint(token, systemRuntime, (end) => connect(end as End)),
        );
      };
      const handle = runHere(id, worker, args, options, systemRuntime, receive);
      workers.set(id, ends);
      return handle as WorkerHandle<ResultOf<Entry>>;
    },

    health: () => ({
      open: closed === undefined,
      workers: workers.size,
      queues: [...homes].map((home) => home.health()),
    }),

    async close() {
      closed ??= new MillraceError('TRANSPORT_CLOSED', 'The transport links was closed.');
      for (const home of homes) home.dispose(closed);
      homes.clear();
    },
    kill,
  });

  function kill(id: string): void {
    for (const end of workers.get(id) ?? []) {
      if (!end.open) continue;
      end.open = false;
      send(end.other, LOST);
      end.listener?.onLost();
    }
  }
}

/** Links that can be held up, in one direction or both, until they are let go. */
export function holdable(): {
  readonly schedule: Schedule;
  hold(which: 'to home' | 'from home' | 'both'): void;
  release(): void;
} {
  let holds: 'to home' | 'from home' | 'both' | undefined;
  const held: (() => void)[] = [];
  return {
    schedule: (deliver, where) => {
      setImmediate(() => {
        if (holds === 'both' || holds === where) held.push(deliver);
        else deliver();
      });
    },
    hold: (which) => {
      holds = which;
    },
    release: () => {
      holds = undefined;
      for (const deliver of held.splice(0)) deliver();
    },
  };
}

/** Everything under way arrives in an order that a seed decides; each link keeps its own. */
export function shuffled(random: () => number): Schedule {
  const pending: (() => void)[] = [];
  let running = false;
  const step = (): void => {
    // A few at a time, so that what they set off can come between.
    for (let n = 0; n < 4 && pending.length > 0; n++) {
      const at = Math.floor(random() * pending.length);
      const [deliver] = pending.splice(at, 1);
      deliver?.();
    }
    running = pending.length > 0;
    if (running) setImmediate(step);
  };
  return (deliver) => {
    pending.push(deliver);
    if (running) return;
    running = true;
    setImmediate(step);
  };
}
