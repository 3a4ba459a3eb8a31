import { type Home, TO_ENDPOINT, TO_HOME } from '@millrace/core/channels';
import type { PortLink } from '../../port-link.js';
import { HostLink } from '../host-link.js';
import type { Keeping } from '../keeping.js';
import { AGAIN, WRITTEN } from '../lasting-link.js';

/**
 * The host's side of a link that outlives hosts: the endpoint is asked for its position, what it says once more is taken once,
 * and it hears of nothing that is not kept.
 */
export class JournaledLink extends HostLink {
  private readonly keeping: Keeping;
  private readonly id: string;
  private arrived = 0;
  private telling = false;

  constructor(port: PortLink, home: Home, onEnd: () => void, keeping: Keeping, id: string) {
    super(port, home, onEnd);
    this.keeping = keeping;
    this.id = id;
  }

  override post(message: unknown, transfer?: readonly object[]): void {
    this.keeping.kept(() => {
      super.post(message, transfer);
    });
  }

  override receive(onMessage: (message: readonly unknown[]) => void, onLost: () => void): void {
    super.receive((message) => {
      switch (message[0]) {
        case AGAIN:
          this.again(message[1] as unknown[], onMessage);
          return;
        case TO_HOME.BLOCK:
          onMessage(message);
          this.note(message);
          return;
        case TO_HOME.RENEWED:
          onMessage(message);
          if (message[2] !== 0) onMessage([TO_HOME.WANT, message[2]]);
          return;
        default:
          onMessage(message);
      }
    }, onLost);
    this.post([TO_ENDPOINT.RENEW, 0]);
  }

  override close(): void {
    this.keeping.kept(() => {
      super.close();
    });
  }

  /** It may have come to an earlier host, of which the home here tells. */
  private again(message: unknown[], onMessage: (message: readonly unknown[]) => void): void {
    const asks = message[0] === TO_HOME.ASK;
    const at = asks ? 2 : 1;
    const count = message[at + 1] as number;
    const last = (message[at + 3] as number) + count - 1;
    if (!this.home.seen.has(`${this.id}#${String(last)}`)) {
      message[at + 2] = this.home.epoch;
      // For what comes against credits there has to be room that was promised.
      if (!asks || this.home.spec.overflow === 'wait') onMessage([TO_HOME.RETURN, -count]);
      onMessage(message);
    } else if (asks)
      this.post([TO_ENDPOINT.ANSWERS, message[1], new Array<string>(count).fill('accepted')]);
    if (!asks) this.note(message);
  }

  /** Tells the endpoint when a block's items are written down, so that it keeps them no longer. */
  private note(block: readonly unknown[]): void {
    this.arrived = (block[4] as number) + (block[2] as number);
    if (!this.telling) this.tellWritten();
  }

  private tellWritten(): void {
    const { arrived } = this;
    this.telling = true;
    this.keeping.kept(() => {
      this.telling = false;
      super.post([WRITTEN, arrived]);
      if (this.arrived > arrived) this.tellWritten();
    });
  }
}
