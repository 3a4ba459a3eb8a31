import type { Departure, ErrorCode } from '@millrace/core';
import { type Link, TO_ENDPOINT } from '@millrace/core/channels';
import type { PortLink } from '../port-link.js';
import { tabForm } from './form.js';

/** A tab's side of an endpoint's link. */
export class TabLink implements Link {
  readonly form = tabForm;
  private readonly port: PortLink;
  private readonly onEnd: () => void;
  private readonly onLeave: (via: Departure) => void;
  private onMessage: ((message: readonly unknown[]) => void) | undefined;
  private failed = false;

  /**
   * @param onEnd - the endpoint is no more, or not here
   * @param onLeave - it leaves for a worker
   */
  constructor(port: PortLink, onEnd: () => void, onLeave: (via: Departure) => void) {
    this.port = port;
    this.onEnd = onEnd;
    this.onLeave = onLeave;
  }

  post(message: unknown, transfer?: readonly object[]): void {
    this.port.post(message, transfer);
  }

  receive(onMessage: (message: readonly unknown[]) => void, onLost: () => void): void {
    this.onMessage = onMessage;
    this.port.receive(onMessage, () => {
      this.onEnd();
      onLost();
    });
  }

  close(): void {
    this.onEnd();
    if (this.failed) this.port.drop();
    else this.port.close();
  }

  detach(via: Departure): object {
    this.onLeave(via);
    this.onEnd();
    return this.port.detach();
  }

  /** The endpoint hears why it is no more, and closes the link. The host is told once of all that fail together. */
  fail(code: ErrorCode, why: string): void {
    this.failed = true;
    this.onMessage?.([TO_ENDPOINT.GONE, code, why]);
  }
}
