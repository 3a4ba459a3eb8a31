import type { Link } from '@millrace/core/channels';
import { type MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads';

/**
 * A link over a MessagePort. Node delivers all that was posted before the other side died, and then says 'close', whether
 * the thread returned, exited, threw, ran out of memory or was terminated.
 */
export class PortLink implements Link {
  private readonly port: MessagePort;
  private readonly onClosed: () => void;
  private onMessage: ((message: readonly unknown[]) => void) | undefined;
  private onLost: (() => void) | undefined;

  /** @param onClosed - the port was closed from the other side: the link is to be lost */
  constructor(port: MessagePort, onClosed: () => void) {
    this.port = port;
    this.onClosed = onClosed;
  }

  post(message: unknown, transfer?: readonly object[]): void {
    // An empty list is left out: it would cost as much as a full one.
    if (transfer === undefined || transfer.length === 0) this.port.postMessage(message);
    else this.port.postMessage(message, transfer as Transferable[]);
  }

  receive(onMessage: (message: readonly unknown[]) => void, onLost: () => void): void {
    this.onMessage = onMessage;
    this.onLost = onLost;
    this.port.on('message', onMessage);
    this.port.on('close', this.onClosed);
    // A queue keeps no process alive by itself: its workers do while they run.
    this.port.unref();
  }

  close(): void {
    this.onLost = undefined;
    this.stop();
    this.port.close();
  }

  detach(): object {
    this.onLost = undefined;
    this.stop();
    return this.port;
  }

  /** The thread at the other end is known to be gone: takes what it had posted, and ends. */
  expire(): void {
    if (this.onLost === undefined) return;
    for (let got = receiveMessageOnPort(this.port); got !== undefined; got = receiveMessageOnPort(this.port))
      this.onMessage?.(got.message as readonly unknown[]);
    this.port.close();
    this.lose();
  }

  /** Nothing comes any more. Harmless when repeated. */
  lose(): void {
    const { onLost } = this;
    this.onLost = undefined;
    this.stop();
    onLost?.();
  }

  private stop(): void {
    if (this.onMessage !== undefined) this.port.off('message', this.onMessage);
    this.port.off('close', this.onClosed);
  }
}
