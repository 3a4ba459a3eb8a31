import { argument, KEEP_ALIVE, type Driver, type Wire } from './wire.js';
import type { Argument, Reply } from './types.js';

/** What is used of a `Redis` of ioredis, version 5 or newer. */
export interface IoRedisClient {
  readonly options: Readonly<Record<string, unknown>>;
  /** The socket, once there is one. */
  readonly stream?: { destroy(): void };
  duplicate(overrides: object): IoRedisClient;
  connect(): Promise<unknown>;
  disconnect(): void;
  callBuffer(...args: (string | Buffer)[]): Promise<Reply>;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  ssubscribe(channel: string): Promise<unknown>;
  sunsubscribe(channel: string): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close' | 'moved', listener: () => void): unknown;
  on(
    event: 'messageBuffer' | 'smessageBuffer',
    listener: (channel: Buffer, payload: Buffer) => void,
  ): unknown;
}

/** All that a library could do by itself is off: it queues nothing, sends nothing twice, changes no key or reply. */
const PLAIN = {
  lazyConnect: true,
  retryStrategy: () => null,
  reconnectOnError: null,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  commandTimeout: undefined,
  socketTimeout: undefined,
  blockingTimeout: undefined,
  // A timer that a client sets even when its socket is gone already.
  disconnectTimeout: 1,
  keepAlive: KEEP_ALIVE,
  keyPrefix: '',
  protocol: 2,
  replyMapping: 'legacy',
  stringNumbers: false,
  readOnly: false,
  monitor: false,
  scripts: undefined,
  himportFieldsets: undefined,
  sentinels: null,
  name: null,
  showFriendlyErrorStack: false,
};

/** @param make makes a client from what differs from the usual options */
export function ioRedisDriver(make: (overrides: object) => IoRedisClient): Driver {
  return {
    isReply: (error) => error instanceof Error && error.name === 'ReplyError',

    async open(target, events, { signal, timeout }): Promise<Wire> {
      const client = make({
        ...PLAIN,
        ...(target === undefined ? {} : { host: target.host, port: target.port, path: undefined }),
        connectTimeout: timeout,
      });
      let open = true;
      let up = false;
      const isOpen = (): boolean => open;
      let last = undefined as Error | undefined;
      const drop = (): void => {
        open = false;
        client.disconnect();
        // `disconnect` says goodbye first, and waits up to 2 s for the other side's.
        client.stream?.destroy();
      };
      client.on('error', (error) => {
        last = error;
      });
      client.on('close', () => {
        if (!open) return;
        open = false;
        if (up) events.onDown(last ?? new Error('The server closed the connection.'));
      });
      client.on('moved', () => events.onMoved());
      const onMessage = (channel: Buffer, payload: Buffer): void =>
        events.onMessage(channel.toString(), payload);
      client.on('messageBuffer', onMessage);
      client.on('smessageBuffer', onMessage);

      try {
        await new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          client.connect().then(resolve, reject);
        });
        // A database that is not there is told by an event only, and the connection would go on with number 0.
        if (last !== undefined) throw last;
        // It may have broken again before we came to hear of it.
        if (!isOpen()) throw new Error('The server closed the connection.');
        up = true;
      } catch (error) {
        drop();
        // What `connect` rejects with only says that it is closed; the event said why.
        throw last ?? error;
      }

      return {
        send: (args: readonly Argument[]) => client.callBuffer(...args.map(argument)),
        subscribe: (channel, sharded) =>
          sharded ? client.ssubscribe(channel) : client.subscribe(channel),
        unsubscribe: (channel, sharded) =>
          sharded ? client.sunsubscribe(channel) : client.unsubscribe(channel),
        drop,
      };
    },
  };
}
