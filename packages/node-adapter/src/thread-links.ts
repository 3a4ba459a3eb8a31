import { loseTogether } from '@millrace/core/channels';
import type { MessagePort } from 'node:worker_threads';
import { PortLink } from './port-link.js';

/** How long, in ms, a thread may take to end once one of its ports was closed. */
const GRACE = 100;

/** The links to one thread, on the host's side. */
export class ThreadLinks {
  private readonly links = new Set<PortLink>();
  private closed: PortLink[] = [];

  connect(port: MessagePort): PortLink {
    const link = new PortLink(port, () => {
      this.hasClosed(link);
    });
    this.links.add(link);
    return link;
  }

  /** The thread is gone: what it had is lost as one. */
  expire(): void {
    loseTogether(() => {
      for (const link of this.links) link.expire();
    });
    this.links.clear();
  }

  /**
   * The end of a thread closes its ports one by one, and is told itself afterwards. One that is closed while the thread lives
   * was closed by its endpoint, or handed on to another thread, of whose end nothing else is told here.
   */
  private hasClosed(link: PortLink): void {
    if (this.closed.push(link) > 1) return;
    setTimeout(() => {
      const closed = this.closed;
      this.closed = [];
      loseTogether(() => {
        for (const one of closed) one.lose();
      });
      for (const one of closed) this.links.delete(one);
    }, GRACE).unref();
  }
}
