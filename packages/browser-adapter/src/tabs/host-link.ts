import { type Home, type Link, TO_HOME } from '@millrace/core/channels';
import type { PortLink } from '../port-link.js';

/** The epoch that an endpoint names before it was told of the queue's. */
export const EPOCH_UNKNOWN = -1;

/** The host's side of an endpoint's link. */
export class HostLink implements Link {
  private readonly port: PortLink;
  protected readonly home: Home;
  private readonly onEnd: () => void;

  constructor(port: PortLink, home: Home, onEnd: () => void) {
    this.port = port;
    this.home = home;
    this.onEnd = onEnd;
  }

  post(message: unknown, transfer?: readonly object[]): void {
    this.port.post(message, transfer);
  }

  receive(onMessage: (message: readonly unknown[]) => void, onLost: () => void): void {
    this.port.receive(
      (message) => {
        this.stamp(message as unknown[]);
        onMessage(message);
      },
      () => {
        this.onEnd();
        onLost();
      },
    );
  }

  close(): void {
    this.onEnd();
    this.port.close();
  }

  lose(): void {
    this.port.lose();
  }

  detach(): object {
    return this.port.detach();
  }

  /** What was put before the epoch was known counts as of the one it finds. */
  private stamp(message: unknown[]): void {
    const at = message[0] === TO_HOME.BLOCK ? 3 : message[0] === TO_HOME.ASK ? 4 : 0;
    if (at > 0 && message[at] === EPOCH_UNKNOWN) message[at] = this.home.epoch;
  }
}
