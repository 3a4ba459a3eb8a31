import type { MillraceError } from '@millrace/core';
import { loseTogether, packErrors } from '@millrace/core/channels';
import { whenFree } from '../lock.js';
import { type Control, Links, type PortLike } from '../port-link.js';
import { Attachment } from './attachment.js';
import type { HostedQueues } from './hosted-queues.js';
import type { Keeping } from './keeping.js';
import type { ToHost, ToTab } from './messages.js';

/** A tab, as its host sees it. */
export class HostSession {
  readonly links = new Links();
  private readonly control: Control;
  private readonly queues: HostedQueues;
  private readonly attachments = new Map<number, Attachment>();
  private readonly unwatch: () => void;
  private over = false;
  /** What is being left. */
  private leaving = Promise.resolve();

  private readonly onEnd: () => void;

  constructor(control: Control, queues: HostedQueues, lock: string, onEnd: () => void) {
    this.onEnd = onEnd;
    this.control = control;
    this.queues = queues;
    this.unwatch = whenFree(lock, () => {
      void this.end();
    });
  }

  hear(message: ToHost): void {
    this.links.heard++;
    switch (message.kind) {
      case 'hello':
        return;
      case 'attach':
        this.attach(message);
        return;
      case 'lost':
        void this.lose(message.ids);
        return;
      case 'leave':
        void this.leave(message.request);
        return;
      case 'detach':
        this.leaving = this.leaving.then(() => this.detach(message));
        return;
      default:
        this.attachments.get(message.queue)?.hear(message);
    }
  }

  tell(message: ToTab): void {
    this.keeping.kept(() => {
      if (!this.over) this.control.postMessage(message);
    });
  }

  /** Serves it no more, whatever is kept. */
  refuse(error: MillraceError): void {
    this.control.postMessage({ kind: 'refused', error: packErrors(error) } satisfies ToTab);
  }

  get keeping(): Keeping {
    return this.queues.keeping;
  }

  /** The host's side of what the tab has made a port of. */
  port(far: unknown): PortLike {
    return typeof far === 'number' ? this.control.port!(far) : (far as MessagePort);
  }

  /** The host is no more, and does not say so. */
  abandon(): void {
    this.finish();
  }

  private attach({ queue, spec }: ToHost & { readonly kind: 'attach' }): void {
    try {
      this.attachments.set(queue, new Attachment(this, queue, this.queues.find(spec), spec));
    } catch (error) {
      this.tell({ kind: 'failed', queue, error: packErrors(error) });
    }
  }

  /** What workers that are gone had posted may still be under way. */
  private async lose(ids: readonly (readonly [queue: number, id: string])[]): Promise<void> {
    await this.links.quiet();
    loseTogether(() => {
      for (const [queue, id] of ids) this.attachments.get(queue)?.lose(id);
    });
  }

  private async detach({ queue, code, why }: ToHost & { readonly kind: 'detach' }): Promise<void> {
    const attachment = this.attachments.get(queue);
    await this.links.quiet();
    this.attachments.delete(queue);
    attachment?.end([code, why]);
  }

  private async leave(request: number): Promise<void> {
    await this.endAll();
    this.tell({ kind: 'answer', request, answer: packErrors(undefined) });
    this.keeping.kept(() => {
      this.finish();
    });
  }

  /** The tab is gone. */
  private async end(): Promise<void> {
    await this.endAll();
    this.finish();
  }

  private async endAll(): Promise<void> {
    await this.leaving;
    await this.links.quiet();
    for (const attachment of this.attachments.values()) attachment.end();
    this.attachments.clear();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.unwatch();
    this.onEnd();
    this.control.onmessage = null;
    this.control.close();
  }
}
