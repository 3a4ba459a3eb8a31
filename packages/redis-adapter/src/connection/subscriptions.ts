import { MillraceError } from '@millrace/core';

import type { Node } from './node.js';
import type { Routes } from './routes.js';
import type { Subscription } from './types.js';

interface Channel {
  readonly name: string;
  readonly listeners: Set<(payload: Buffer) => void>;
  node: Node | undefined;
  placed: Promise<void>;
}

/** Who listens to which channel, and at which node. */
export class Subscriptions {
  readonly #routes: Routes;
  readonly #signal: AbortSignal;
  readonly #channels = new Map<string, Channel>();

  constructor(routes: Routes, signal: AbortSignal) {
    this.#routes = routes;
    this.#signal = signal;
  }

  async add(
    given: string,
    listener: (payload: Buffer) => void,
    ready: () => Promise<unknown>,
  ): Promise<Subscription> {
    // As the server spells it, where the name is not well-formed.
    const name = Buffer.from(given).toString();
    await ready();
    this.#signal.throwIfAborted();
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = { name, listeners: new Set(), node: undefined, placed: Promise.resolve() };
      this.#channels.set(name, channel);
    }
    const mine = channel;
    const own = (payload: Buffer): void => listener(payload);
    mine.listeners.add(own);
    const remove = async (): Promise<void> => {
      if (
        !mine.listeners.delete(own) ||
        mine.listeners.size > 0 ||
        this.#channels.get(name) !== mine
      )
        return;
      this.#channels.delete(name);
      await mine.node?.unsubscribe(name);
    };
    try {
      this.#place(mine);
      await this.#settled(mine);
    } catch (error) {
      await remove();
      throw error;
    }
    return { unsubscribe: remove };
  }

  deliver(channel: string, payload: Buffer): void {
    const listeners = this.#channels.get(channel)?.listeners;
    if (listeners !== undefined) for (const listener of [...listeners]) listener(payload);
  }

  /** Owners may have changed. */
  reroute(): void {
    for (const channel of this.#channels.values()) this.#place(channel);
  }

  #place(channel: Channel): void {
    const node = this.#routes.owner(this.#routes.slotOf(channel.name));
    if (node === undefined || node === channel.node) return;
    const before = channel.node;
    channel.node = node;
    channel.placed = node.subscribe(channel.name);
    channel.placed.catch(() => {});
    void before?.unsubscribe(channel.name);
  }

  /** Waits for the channel, wherever it moves meanwhile. */
  async #settled(channel: Channel): Promise<void> {
    let waited: Promise<void> | undefined;
    while (waited !== channel.placed || channel.node === undefined) {
      waited = channel.placed;
      try {
        await waited;
      } catch (error) {
        if (channel.placed === waited && (this.#signal.aborted || error instanceof MillraceError))
          throw error;
      }
    }
  }
}
