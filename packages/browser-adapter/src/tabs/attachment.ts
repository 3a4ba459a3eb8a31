import type { EndpointInfo, MillraceError, QueueEvents, QueueSpec } from '@millrace/core';
import { loseTogether, packErrors, queueClosed, TO_ENDPOINT } from '@millrace/core/channels';
import { slotGone } from './errors.js';
import type { HostLink } from './host-link.js';
import type { HostSession } from './host-session.js';
import type { HostedQueue } from './hosted-queue.js';
import type { OfQueue, Role, ToTab } from './messages.js';

const EVENTS = [
  'ended',
  'no-consumer',
  'ready',
  'dead-letter',
  'dead-letter-dropped',
  'endpoint-lost',
] as const satisfies readonly (keyof QueueEvents)[];

/** A tab's part in a queue: its endpoints and slots, on the host's side. */
export class Attachment {
  /** What the tab calls the queue. */
  readonly number: number;
  private readonly session: HostSession;
  private readonly hosted: HostedQueue;
  private readonly links = new Map<string, HostLink>();
  private readonly infos = new Map<string, EndpointInfo>();
  private readonly slots = new Set<string>();
  private readonly unlisten: (() => void)[];

  /** Throws `BAD_OPTION` when the queue is another than is asked for. */
  constructor(session: HostSession, number: number, hosted: HostedQueue, spec: QueueSpec) {
    this.session = session;
    this.number = number;
    this.hosted = hosted;
    hosted.attach(this, spec);
    const { closed, isEnded, gate } = hosted.home;
    this.tell({
      kind: 'attached',
      queue: number,
      closed,
      ended: isEnded,
      ready: gate?.ready ?? false,
    });
    this.unlisten = EVENTS.map((type) =>
      hosted.queue.on(type, (event) => {
        this.tell({ kind: 'event', queue: number, type, event: packErrors(event) });
      }),
    );
  }

  tell(message: ToTab): void {
    this.session.tell(message);
  }

  hear(message: OfQueue): void {
    const { endpoints } = this.hosted.home;
    switch (message.kind) {
      case 'open':
        this.open(message);
        return;
      case 'moved':
        Object.assign(this.infos.get(message.id) ?? {}, { worker: message.worker });
        return;
      case 'slot': {
        const { id, role, info, again } = message;
        // Whoever asked did not know yet that the queue was closed: it hears of it by the worker that it starts.
        if (role === 'producer' && this.hosted.home.closed && !again) return;
        this.slots.add(id);
        endpoints.addSlot(id, role, info);
        return;
      }
      case 'unslot':
        if (this.slots.delete(message.id)) endpoints.removeSlot(message.id);
        return;
      case 'close':
        this.hosted.close();
        return;
      case 'ask':
        void this.answer(message);
    }
  }

  /** The worker that had this endpoint is gone. */
  lose(id: string): void {
    this.links.get(id)?.lose();
  }

  /** The tab takes no part any more, or is gone. What is still open, with workers of its, hears why. */
  end(gone?: readonly [code: string, why: string]): void {
    for (const off of this.unlisten) off();
    const links = [...this.links.values()];
    if (gone !== undefined) for (const link of links) link.post([TO_ENDPOINT.GONE, ...gone]);
    loseTogether(() => {
      for (const link of links) link.lose();
    });
    for (const slot of this.slots) this.hosted.home.endpoints.removeSlot(slot);
    this.slots.clear();
    this.hosted.detach(this);
  }

  private open({ role, id, info, slot, again, port }: OfQueue & { readonly kind: 'open' }): void {
    const { home } = this.hosted;
    const { session } = this;
    const onEnd = (): void => {
      this.links.delete(id);
      this.infos.delete(id);
    };
    const link = session.keeping.link(session.links.connect(session.port(port)), home, onEnd, id);
    const refusal = again ? undefined : this.refusal(role, slot);
    if (refusal !== undefined) {
      link.post([TO_ENDPOINT.GONE, refusal.code, refusal.message]);
      link.close();
      return;
    }
    const known = { ...info };
    this.links.set(id, link);
    this.infos.set(id, known);
    const endpoint = { id, info: known, inHand: 0 };
    if (role === 'producer') home.endpoints.addProducer(endpoint);
    else home.endpoints.addConsumer(endpoint);
    // It was opened there before anything was known of the queue.
    link.post([TO_ENDPOINT.SYNC, 0, home.epoch, !home.accepting]);
    home.far?.adopt(endpoint, role, { worker: '', local: false, open: () => ({ link, far: {} }) });
  }

  private refusal(role: Role, slot: string | undefined): MillraceError | undefined {
    const { home } = this.hosted;
    if (slot !== undefined) return this.slots.has(slot) ? undefined : slotGone(slot);
    return role === 'producer' && home.closed ? queueClosed(home.spec.name) : undefined;
  }

  private async answer(asked: OfQueue & { readonly kind: 'ask' }): Promise<void> {
    const { request } = asked;
    try {
      const answer = await this.ask(asked);
      this.tell({ kind: 'answer', request, answer: packErrors(answer) });
    } catch (error) {
      this.tell({ kind: 'failure', request, error: packErrors(error) });
    }
  }

  private ask({ what, with: given }: OfQueue & { readonly kind: 'ask' }): unknown {
    const { queue, home } = this.hosted;
    switch (what) {
      case 'clear':
        return queue.clear();
      case 'join':
        return queue.join();
      case 'stats':
        return queue.stats();
      case 'blockers':
        return queue.blockers();
      case 'health':
        return home.health();
      case 'setReady':
        return queue.gate?.setReady();
      case 'setNotReady':
        return queue.gate?.setNotReady();
      case 'refuse':
        return queue.gate?.refuse();
      case 'letters':
        return queue.deadLetters.size();
      case 'readLetters':
        return queue.deadLetters.read(given as number);
      case 'putBackLetters':
        return queue.deadLetters.putBack(given as string[] | 'all');
      case 'purgeLetters':
        return queue.deadLetters.purge(given as string[] | 'all');
    }
  }
}
