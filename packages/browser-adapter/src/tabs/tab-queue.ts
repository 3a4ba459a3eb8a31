import type {
  Blocker,
  ConsumerBackend,
  Departure,
  EndpointInfo,
  GateBackend,
  MillraceError,
  ProducerBackend,
  QueueBackend,
  QueueEvents,
  QueueHealth,
  QueueSpec,
  QueueStats,
  SlotBackend,
} from '@millrace/core';
import { Events, reviveEndpoint, unpackErrors } from '@millrace/core/channels';
import { queueClosed, slotGone, startedElsewhere } from './errors.js';
import { EPOCH_UNKNOWN } from './host-link.js';
import { TabDeadLetters } from './tab-dead-letters.js';
import { TabLink } from './tab-link.js';
import type { Questions, Role, ToQueue } from './messages.js';
import type { Session } from './session.js';

/** A queue whose home is with the tabs' host, as seen from one of them. */
export class TabQueue implements QueueBackend {
  readonly deadLetters: TabDeadLetters;
  readonly gate: GateBackend | undefined;
  private readonly session: Session;
  private readonly spec: QueueSpec;
  private readonly number: number;
  private readonly events = new Events<QueueEvents>();
  private readonly links = new Map<string, TabLink>();
  private readonly slots = new Set<string>();
  private readonly onGone: () => void;
  private ids = 0;
  private closed = false;
  private isEnded = false;
  private endWaits: (() => void)[] = [];
  private over: MillraceError | undefined;
  private lastHealth: { readonly health: QueueHealth; readonly at: number } | undefined;

  /** @param onGone - it has ended, or is not taken part in any more */
  constructor(session: Session, spec: QueueSpec, onGone: () => void) {
    this.session = session;
    this.spec = spec;
    this.onGone = onGone;
    this.number = session.add(this);
    session.post({ kind: 'attach', queue: this.number, spec });
    this.deadLetters = new TabDeadLetters((what, with_) => this.ask(what, with_));
    if (spec.gate)
      this.gate = {
        setReady: () => this.ask('setReady'),
        setNotReady: () => this.ask('setNotReady'),
        refuse: () => this.ask('refuse'),
      };
  }

  // --- endpoints --------------------------------------------------------------------------------------------------

  openProducer(info: EndpointInfo): ProducerBackend {
    this.check();
    if (this.closed) throw queueClosed(this.spec.name);
    return this.open('producer', info) as ProducerBackend;
  }

  openConsumer(info: EndpointInfo): ConsumerBackend {
    this.check();
    return this.open('consumer', info) as ConsumerBackend;
  }

  openSlot(role: Role, info: EndpointInfo): SlotBackend {
    this.check();
    if (role === 'producer' && this.closed) throw queueClosed(this.spec.name);
    const id = this.nextId('s');
    this.slots.add(id);
    this.session.post({ kind: 'slot', queue: this.number, role, id, info });
    const checkOpen = (): void => {
      this.check();
      if (!this.slots.has(id)) throw slotGone(id);
    };
    return {
      id,
      role,
      checkMint: (via) => {
        checkOpen();
        this.checkLeave(id, via);
      },
      mint: (minted) => {
        checkOpen();
        return this.open(role, { ...info, ...minted }, id);
      },
      close: () => {
        if (this.slots.delete(id)) this.session.post({ kind: 'unslot', queue: this.number, id });
      },
    };
  }

  private open(role: Role, info: EndpointInfo, slot?: string): ProducerBackend | ConsumerBackend {
    const { session, number: queue } = this;
    const id = this.nextId(role === 'producer' ? 'p' : 'c');
    const { port1, port2 } = new MessageChannel();
    session.post({ kind: 'open', queue, role, id, info, slot, port: port2 }, [port2]);
    const link = new TabLink(
      session.links.connect(port1),
      () => this.links.delete(id),
      (via) => {
        session.give(via, queue, id);
      },
    );
    this.links.set(id, link);
    const { name, gate, overflow, confirm, redelivery, acknowledge } = this.spec;
    const spec = { name, gate, overflow, confirm, redelivery, acknowledge };
    // The host tells it the epoch and the gate before anything else.
    const body = { id, spec, port: port1, epoch: EPOCH_UNKNOWN, refusing: false };
    const backend = reviveEndpoint({ role, transfer: [], body }, session.runtime, () => link);
    const check = backend.checkDepart?.bind(backend);
    backend.checkDepart = (via) => {
      this.checkLeave(id, via);
      check?.(via);
    };
    return backend;
  }

  /** Where it goes its end has to be noticed. Absent: it was checked before. */
  private checkLeave(id: string, via: Departure | undefined): void {
    if (via !== undefined && !via.local && !this.session.starts(via)) throw startedElsewhere(id);
  }

  private nextId(kind: string): string {
    return `${this.spec.name}/${this.session.id}${kind}${String(++this.ids)}`;
  }

  // --- the queue --------------------------------------------------------------------------------------------------

  close(): void {
    if (this.closed || this.over !== undefined) return;
    this.closed = true;
    this.session.post({ kind: 'close', queue: this.number });
  }

  clear(): Promise<number> {
    return this.ask('clear');
  }

  join(): Promise<void> {
    return this.ask('join');
  }

  stats(): Promise<QueueStats> {
    return this.ask('stats');
  }

  blockers(): Promise<Blocker[]> {
    return this.ask('blockers');
  }

  whenEnded(): Promise<void> | undefined {
    if (this.isEnded || this.over !== undefined) return undefined;
    return new Promise((resolve) => {
      this.endWaits.push(resolve);
    });
  }

  on<K extends keyof QueueEvents>(type: K, listener: (event: QueueEvents[K]) => void): () => void {
    return this.events.on(type, listener);
  }

  /** What the host said last; it is asked again, for the next time. */
  health(): QueueHealth {
    this.ask<QueueHealth>('health').then(
      (health) => {
        this.lastHealth = { health, at: this.session.runtime.now() };
      },
      () => undefined,
    );
    if (this.lastHealth === undefined)
      return {
        queue: this.spec.name,
        depth: 0,
        inHand: 0,
        lastTaken: undefined,
        lastSettled: undefined,
      };
    const { health, at } = this.lastHealth;
    const since = this.session.runtime.now() - at;
    const older = (ago: number | undefined): number | undefined =>
      ago === undefined ? undefined : ago + since;
    return {
      ...health,
      lastTaken: older(health.lastTaken),
      lastSettled: older(health.lastSettled),
    };
  }

  /** Leaves the queue: for other tabs it goes on. */
  dispose(error: MillraceError): void {
    if (this.over !== undefined) return;
    this.settle(error);
    this.session.post({ kind: 'detach', queue: this.number, code: error.code, why: error.message });
  }

  /** The host does not serve it, or is gone. */
  lose(error: MillraceError): void {
    if (this.over !== undefined) return;
    const queue = this.spec.name;
    if (error.code === 'DATA_LOST')
      this.events.emit('data-lost', { queue, items: undefined, error });
    this.settle(error);
  }

  private settle(error: MillraceError): void {
    this.over = error;
    this.session.remove(this.number);
    for (const link of [...this.links.values()]) link.end(error.code, error.message);
    for (const request of this.asked) request(error);
    this.asked.clear();
    for (const done of this.endWaits.splice(0)) done();
    this.events.clear();
    this.onGone();
  }

  private check(): void {
    if (this.over !== undefined) throw this.over;
  }

  // --- questions --------------------------------------------------------------------------------------------------

  /** What fails the questions that are open. */
  private readonly asked = new Set<(error: MillraceError) => void>();

  private async ask<Answer>(
    what: keyof Questions,
    given?: Questions[keyof Questions],
  ): Promise<Answer> {
    this.check();
    const { session, number: queue } = this;
    let failed!: (error: MillraceError) => void;
    const failure = new Promise<never>((_, reject) => {
      failed = reject;
    });
    this.asked.add(failed);
    try {
      const answer = session.ask<Answer>((request) => ({
        kind: 'ask',
        queue,
        request,
        what,
        with: given,
      }));
      return await Promise.race([answer, failure]);
    } finally {
      this.asked.delete(failed);
    }
  }

  // --- what comes -------------------------------------------------------------------------------------------------

  hear(message: ToQueue): void {
    switch (message.kind) {
      case 'attached':
        if (message.closed) this.closed = true;
        if (message.ready) this.events.emit('ready', { queue: this.spec.name, ready: true });
        if (message.ended) this.end();
        return;
      case 'closed':
        this.closed = true;
        return;
      case 'event':
        if (message.type === 'ended') this.end();
        else this.events.emit(message.type, unpackErrors(message.event) as never);
    }
  }

  private end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    for (const done of this.endWaits.splice(0)) done();
    this.events.emit('ended', { queue: this.spec.name });
    this.onGone();
  }
}
