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
import { Events, queueClosed, reviveEndpoint, unpackErrors } from '@millrace/core/channels';
import { slotGone, startedElsewhere, workersOutOfReach } from './errors.js';
import { EPOCH_UNKNOWN } from './host-link.js';
import { LastingLink } from './lasting-link.js';
import { TabDeadLetters } from './tab-dead-letters.js';
import { TabLink } from './tab-link.js';
import { TabQuestions } from './tab-questions.js';
import type { Questions, Role, ToQueue } from './messages.js';
import type { Session } from './session.js';

interface OpenLink {
  readonly link: TabLink | LastingLink;
  readonly role: Role;
  readonly info: EndpointInfo;
  readonly slot: string | undefined;
}

/** A queue whose home is with the tabs' host, as seen from one of them. */
export class TabQueue implements QueueBackend {
  readonly deadLetters: TabDeadLetters;
  readonly gate: GateBackend | undefined;
  private readonly session: Session;
  private readonly spec: QueueSpec;
  private readonly number: number;
  private readonly questions: TabQuestions;
  private readonly events = new Events<QueueEvents>();
  private readonly links = new Map<string, OpenLink>();
  private readonly slots = new Map<string, { role: Role; info: EndpointInfo; told: boolean }>();
  private readonly onGone: () => void;
  private ids = 0;
  private closed = false;
  private isEnded = false;
  private endWaits: (() => void)[] = [];
  private over: MillraceError | undefined;

  /** @param onGone - it has ended, or is not taken part in any more */
  constructor(session: Session, spec: QueueSpec, onGone: () => void) {
    this.session = session;
    this.spec = spec;
    this.onGone = onGone;
    this.number = session.add(this);
    this.questions = new TabQuestions(session, this.number, spec.name);
    this.tell();
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
    this.slots.set(id, { role, info, told: false });
    this.tellSlot(id);
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
    const { session } = this;
    const id = this.nextId(role === 'producer' ? 'p' : 'c');
    const onEnd = (): void => {
      this.links.delete(id);
    };
    const link = session.reach.lasting
      ? new LastingLink(onEnd)
      : this.linkNow(id, role, info, slot, onEnd);
    this.links.set(id, { link, role, info, slot });
    const { name, gate, overflow, confirm, redelivery, acknowledge } = this.spec;
    const spec = { name, gate, overflow, confirm, redelivery, acknowledge };
    // The host tells it the epoch and the gate before anything else.
    const body = { id, spec, port: {}, epoch: EPOCH_UNKNOWN, refusing: false };
    const backend = reviveEndpoint({ role, transfer: [], body }, session.runtime, () => link);
    // Not before the endpoint listens.
    if (session.reach.lasting && session.isConnected) this.tellLink(id);
    const check = backend.checkDepart?.bind(backend);
    backend.checkDepart = (via) => {
      this.checkLeave(id, via);
      check?.(via);
    };
    return backend;
  }

  private linkNow(
    id: string,
    role: Role,
    info: EndpointInfo,
    slot: string | undefined,
    onEnd: () => void,
  ): TabLink {
    const { session, number: queue } = this;
    const { near, far, transfer } = session.reach.open();
    session.post({ kind: 'open', queue, role, id, info, slot, again: false, port: far }, transfer);
    return new TabLink(session.links.connect(near), onEnd, (via) => {
      session.give(via, queue, id);
    });
  }

  /** Where it goes its end has to be noticed. Absent: it was checked before. */
  private checkLeave(id: string, via: Departure | undefined): void {
    if (via === undefined || via.local) return;
    if (this.session.reach.lasting) throw workersOutOfReach(id);
    if (!this.session.starts(via)) throw startedElsewhere(id);
  }

  // --- what a host has to know --------------------------------------------------------------------------------------

  /** Says to a new host all that the earlier ones were told. */
  tellAll(): void {
    this.tell();
    for (const id of this.slots.keys()) this.tellSlot(id);
    for (const id of this.links.keys()) this.tellLink(id);
    if (this.closed) this.session.post({ kind: 'close', queue: this.number });
  }

  private tell(): void {
    this.session.post({ kind: 'attach', queue: this.number, spec: this.spec });
  }

  private tellSlot(id: string): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    const { role, info, told: again } = slot;
    this.session.post({ kind: 'slot', queue: this.number, role, id, info, again });
    slot.told = this.session.isConnected;
  }

  private tellLink(id: string): void {
    const { session, number: queue } = this;
    const opened = this.links.get(id);
    if (opened === undefined || !(opened.link instanceof LastingLink)) return;
    const { link, role, info, slot } = opened;
    const { near, far, transfer } = session.reach.open();
    session.post(
      { kind: 'open', queue, role, id, info, slot, again: link.isKnown, port: far },
      transfer,
    );
    link.use(session.links.connect(near));
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

  health(): QueueHealth {
    return this.questions.health();
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
    for (const { link } of [...this.links.values()]) link.fail(error.code, error.message);
    this.questions.failAll(error);
    for (const done of this.endWaits.splice(0)) done();
    this.events.clear();
    this.onGone();
  }

  private check(): void {
    if (this.over !== undefined) throw this.over;
  }

  private ask<Answer>(what: keyof Questions, given?: Questions[keyof Questions]): Promise<Answer> {
    return this.questions.ask(what, given);
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
