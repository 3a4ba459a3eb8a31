import { argument, KEEP_ALIVE, type Driver, type Wire } from './wire.js';
import type { Argument, Reply } from './types.js';

/** What is used of a client of node-redis, version 5 or newer. */
export interface NodeRedisClient {
  readonly options?: { readonly socket?: object } | undefined;
  duplicate(overrides: object): NodeRedisClient;
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(args: readonly (string | Buffer)[]): Promise<Reply>;
  subscribe(channel: string, listener: Listener, bufferMode: true): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  sSubscribe(channel: string, listener: Listener, bufferMode: true): Promise<void>;
  sUnsubscribe(channel: string): Promise<void>;
  on(event: string, listener: (argument: Error) => void): unknown;
}

type Listener = (payload: Buffer, channel: Buffer) => void;

// RESP's type bytes `+` and `$`: status replies and bulk strings arrive as bytes.
const BYTES = { 43: Buffer, 36: Buffer };

/**
 * @param make makes a client from what differs from the usual options
 * @param socket the usual socket options, which a client's own `socket` option would replace as a whole
 */
export function nodeRedisDriver(
  make: (overrides: object) => NodeRedisClient,
  socket: object = {},
): Driver {
  return {
    isReply: (error) => {
      for (
        let type = classOf(error);
        type !== null && type !== Error;
        type = Object.getPrototypeOf(type) as unknown
      ) {
        if ((type as { name?: unknown }).name === 'ErrorReply') return true;
      }
      return false;
    },

    async open(target, events, { signal, timeout }): Promise<Wire> {
      // `destroy` does not reach a socket that is still connecting; this does.
      const gone = new AbortController();
      const client = make({
        url: undefined,
        RESP: 2,
        maintNotifications: 'disabled',
        clientSideCache: undefined,
        emitInvalidate: undefined,
        keyPrefix: undefined,
        readonly: false,
        pingInterval: undefined,
        commandsQueueMaxLength: undefined,
        disableOfflineQueue: true,
        commandOptions: { timeout: undefined, typeMapping: BYTES },
        socket: {
          ...socket,
          ...(target === undefined ? {} : { host: target.host, port: target.port }),
          connectTimeout: timeout,
          socketTimeout: undefined,
          keepAlive: true,
          keepAliveInitialDelay: KEEP_ALIVE,
          reconnectStrategy: false,
          signal: gone.signal,
        },
      });
      let open = true;
      // Until then nobody knows this wire, so that nobody is told of its end.
      let up = false;
      let last: Error | undefined;
      const isOpen = (): boolean => open;
      const drop = (): void => {
        open = false;
        gone.abort();
        try {
          client.destroy();
        } catch {
          // Version 5 throws when it is closed already.
        }
      };
      const connecting = new Promise<void>((resolve, reject) => {
        client.on('error', (error) => {
          reject(error);
          if (!open) return;
          last = error;
          drop();
          if (up) events.onDown(error);
        });
        client.on('sharded-channel-moved', () => events.onMoved());
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        client.connect().then(() => resolve(), reject);
      });
      try {
        await connecting;
        // It may have broken again before we came to hear of it.
        if (!isOpen()) throw last ?? new Error('The server closed the connection.');
        up = true;
      } catch (error) {
        drop();
        throw error;
      }

      const listener: Listener = (payload, channel) =>
        events.onMessage(channel.toString(), payload);
      return {
        send: (args: readonly Argument[]) => client.sendCommand(args.map(argument)),
        subscribe: (channel, sharded) =>
          sharded
            ? client.sSubscribe(channel, listener, true)
            : client.subscribe(channel, listener, true),
        unsubscribe: (channel, sharded) =>
          sharded ? client.sUnsubscribe(channel) : client.unsubscribe(channel),
        drop,
      };
    },
  };
}

function classOf(value: unknown): unknown {
  return value instanceof Error ? value.constructor : null;
}
