/** What the server answers. Bulk strings are bytes, and so are status replies: nothing is decoded here. */
export type Reply = Buffer | number | null | readonly Reply[];

/** One argument of a command. Strings travel as UTF-8. */
export type Argument = string | Uint8Array;

/** A Lua script, and the hash by which servers know it. */
export interface Script {
  /** For error messages only. */
  readonly name: string;
  readonly source: string;
  /** Lower-case hex. */
  readonly sha1: string;
}

export type ConnectionEvent =
  /** Connected, for the first time or again, and all subscriptions are in place. */
  | { readonly type: 'up' }
  /** Commands wait from now on, until the next `up`. */
  | { readonly type: 'down'; readonly error: Error };

export interface Subscription {
  unsubscribe(): Promise<void>;
}

/**
 * Everything that the adapter asks of a client library.
 *
 * A command that was sent and whose connection broke before its answer rejects with `CONNECTION_LOST`: it is sent
 * again only by whoever knows that this is harmless. A command that was called while there is no connection waits for
 * one, in order.
 */
export interface Connection {
  /**
   * Runs a script by its hash, and loads it first where the server does not have it. All `keys` share one hash tag.
   * The commands and scripts of one hash tag are sent in the order of the calls, without waiting for earlier replies.
   * Those that the server refuses unexecuted (the slot moved, the script is gone, the server is loading or was demoted)
   * go out again by themselves, before all newer ones. The bytes must not be changed before the answer is there.
   */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply>;
  /** Sends one plain command. In a Cluster `key` says to which node; `undefined` is any. */
  command(key: string | undefined, args: readonly Argument[]): Promise<Reply>;
  /**
   * Sends one command that may block, on a connection of its own: as many as block at the same time, kept for the next
   * ones. When `signal` fires the server is told to let the command go (CLIENT UNBLOCK), and it rejects with the
   * signal's reason; unless the server was just answering, then it resolves with that answer, so that nothing is lost.
   */
  blocking(key: string, args: readonly Argument[], signal: AbortSignal): Promise<Reply>;
  /**
   * Listens to a channel, whose name contains the queue's hash tag. It is sharded where {@link publish} says so. It
   * outlives reconnects; what was published meanwhile is missed, and an `up` says when that can have happened.
   */
  subscribe(channel: string, onMessage: (payload: Buffer) => void): Promise<Subscription>;
  /** Listens to what happens to the connection, until the function that it answers is called. */
  on(listener: (event: ConnectionEvent) => void): () => void;
  /**
   * Drops the sockets and makes new ones: for when they are suspected to be dead though they look open. What was sent
   * and not answered rejects with `CONNECTION_LOST`.
   */
  reset(): void;
  /** Resolves when the first connection is there and the server was found fit, or rejects with what is wrong. */
  ready(): Promise<ServerInfo>;
  /** From the options, or from what the given client is. */
  readonly topology: 'single' | 'cluster' | 'sentinel';
  /** How a script publishes to subscribers of {@link subscribe}. Known once {@link ready} has resolved. */
  readonly publish: 'SPUBLISH' | 'PUBLISH';
  /**
   * What another thread or process can connect with: structured-cloneable. `undefined` when only a client object was
   * given. It holds the password, though printing it does not show it.
   */
  readonly options: ConnectOptions | undefined;
  /**
   * Leaves no socket, timer or listener. What is pending rejects with `TRANSPORT_CLOSED`. A client of the user's is not
   * closed, only what was duplicated from it. Closing twice is harmless.
   */
  close(): Promise<void>;
}

/** What the server said about itself. */
export interface ServerInfo {
  /** Such as `7.0.15`; of Valkey the version of Redis it is compatible with. */
  readonly version: string;
  /** Of the node that was asked; changes when the server was restarted. */
  readonly runId: string;
}

/** Host and port of one node. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The part of Node's TLS options that can be handed to another thread. */
export interface TlsOptions {
  readonly ca?: string | readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** How to reach the server, in plain values. Exactly one of `url`, `cluster` and `sentinel` is given. */
export interface ConnectOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. Default of the port: 6379, of the db: 0. */
  readonly url?: string;
  /** Some nodes of a Cluster, as addresses or as URLs; the others are found through them. */
  readonly cluster?: readonly (Address | string)[];
  /** The name of a master, and the Sentinels to ask who it is. */
  readonly sentinel?: {
    readonly name: string;
    readonly sentinels: readonly (Address | string)[];
    /** What the Sentinels themselves want, where they want one. */
    readonly username?: string;
    readonly password?: string;
  };
  /** For all nodes; the one in a URL wins. */
  readonly username?: string;
  readonly password?: string;
  /** The number of the database. Default 0, or the one in the URL. A Cluster has only 0. */
  readonly db?: number;
  /** Options for TLS, or `true` for the default ones. Default: by the URL. */
  readonly tls?: TlsOptions | boolean;
  /** Which client library to use. Default: `redis` where it is installed, else `ioredis`. */
  readonly library?: 'redis' | 'ioredis';
  /** How long the first connection may take, in ms, before it is called failed. Default 5000. */
  readonly connectTimeout?: number;
}

/**
 * Connects as a client of the user's does. Its address, user, password or credentials provider, database, TLS, Sentinels
 * and address maps are taken over; how it queues, retries, times out or prefixes keys is not, since a command whose
 * connection breaks must not be sent again unseen. The client itself is used for nothing, need not be connected, and
 * is never closed.
 */
export interface ClientOptions {
  /** A client, cluster or sentinel of node-redis (5 or newer), or a `Redis` or `Cluster` of ioredis (5 or newer). */
  readonly client: object;
  /** As in {@link ConnectOptions}. */
  readonly connectTimeout?: number;
}

export type RedisConnectOptions = ConnectOptions | ClientOptions;
