import { platform } from '../../runtime/runtime.js';
import type { Departure } from '../../transport/backend.js';
import type { Link } from '../ports/link.js';
import type { BlockExtra } from '../ports/messages.js';
import { FROM_HOST } from './host-link.js';

type Message = readonly unknown[];

/**
 * Between an endpoint of the host's own thread and the host. What it carries is copied, as over any link, but for values that are
 * taken: they are as in a queue of one thread.
 */
export class LocalLink implements Link {
  /** The host's end. */
  readonly atHost: Link;
  private readonly toHost: (message: Message) => void;
  private readonly leave: (via: Departure) => object;
  private readonly passOn: (message: Message) => void;
  private onMessage: ((message: Message) => void) | undefined;
  private open = true;
  private left = false;

  /** @param passOn - for what was under way to the endpoint when it left */
  constructor(toHost: (message: Message) => void, leave: (via: Departure) => object, passOn: (message: Message) => void) {
    this.toHost = toHost;
    this.leave = leave;
    this.passOn = passOn;
    this.atHost = {
      post: (message, transfer) => {
        if (!this.open) return;
        this.carry(message, transfer, (carried) => {
          if (this.left) this.passOn(carried);
          else this.onMessage?.(carried);
        });
      },
      receive: () => undefined,
      close: () => undefined,
      detach: () => this,
    };
  }

  post(message: unknown, transfer?: readonly object[]): void {
    if (this.open) this.carry(message, transfer, this.toHost);
  }

  receive(onMessage: (message: Message) => void): void {
    this.onMessage = onMessage;
  }

  close(): void {
    this.open = false;
  }

  detach(via: Departure): object {
    this.open = false;
    this.left = true;
    return this.leave(via);
  }

  private carry(message: unknown, transfer: readonly object[] | undefined, to: (message: Message) => void): void {
    const carried = isOfHere(message as Message, transfer) ? (message as Message) : (platform.structuredClone(message, { transfer: transfer ?? [] }) as Message);
    platform.queueMicrotask(() => {
      to(carried);
    });
  }
}

/** Values to be taken, which are neither moved nor in a form of their own. */
function isOfHere([kind, , , extra]: Message, transfer: readonly object[] | undefined): boolean {
  return kind === FROM_HOST.VALUES && (transfer ?? []).length === 0 && ((extra as BlockExtra | undefined)?.rich ?? []).length === 0;
}
