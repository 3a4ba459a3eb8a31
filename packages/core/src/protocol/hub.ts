import { type CheckMessages, MessageContract } from '../contracts/message-contract.js';
import { MillraceError } from '../errors/error.js';
import { IterableQueue } from '../queues/iterable-queue.js';
import type { ConsumerEndpoint } from '../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../queues/producer-endpoint.js';
import { asyncDispose } from '../queues/travel.js';
import { checkCount, checkWait, watch, type WaitOptions } from '../queues/waits.js';
import { Events } from '../transport/memory/events.js';
import type { Transport } from '../transport/transport.js';
import { ALL, ANYONE, type Own, TO_PEER, type ToOffice, type ToPeer } from './frames.js';
import type { Member } from './office/member.js';
import { PostOffice } from './office/post-office.js';
import { readFrame } from './office/read-frame.js';
import { conversationClosed, Correspondent } from './peer/correspondent.js';

export interface HubOptions {
  readonly transport: Transport;
  readonly capacity?: number | undefined;
  readonly name?: string | undefined;
  readonly clone?: boolean | undefined;
  readonly schemas?: object | undefined;
  readonly check?: CheckMessages | undefined;
}

/** What a conversation tells by itself. */
export interface ConversationEvents {
  /** A peer has left: it was closed, or (`lost`) its worker or the link to it is gone. */
  'peer-left': {
    readonly name: string;
    readonly lost: boolean;
    /** Messages that it had been sent and had not finished: they went to others, or their senders were told. */
    readonly unfinished: number;
  };
  /** A peer sent something that is no message. It was ignored. */
  malformed: { readonly name: string; readonly error: MillraceError };
}

/** What a conversation has counted. */
export interface ConversationStats {
  /** The peers that are there now. */
  readonly peers: readonly string[];
  /** Messages that were sent and are not processed, copies counted singly. */
  readonly outstanding: number;
  /** Those of them that are addressed to nobody, and that nobody has taken. */
  readonly waiting: number;
  readonly sent: number;
  readonly processed: number;
  /** How often mail to nobody came back from a peer that did not finish it. */
  readonly returned: number;
  readonly undelivered: number;
}

/** The two queues between the office and a peer. */
interface Connection {
  readonly member: Member;
  readonly up: IterableQueue<ToOffice>;
  readonly down: IterableQueue<ToPeer>;
  readonly sending: ProducerEndpoint<ToPeer>;
  /** The link to the peer is gone. */
  lost: boolean;
}

const PORTION = 256;
let unnamed = 0;

/** Connects the post office to its peers: each by a queue to it and a queue from it. */
export class Hub {
  readonly name: string;
  readonly events = new Events<ConversationEvents>();
  readonly office = new PostOffice({
    asked: (member, question, waits) => {
      this.asked(member, question, waits);
    },
  });
  private readonly transport: Transport;
  private readonly capacity: number;
  private readonly clone: boolean;
  /** Makes each peer's own: its messages are checked in their order. */
  private readonly contract: () => MessageContract | undefined;
  private readonly connections = new Map<Member, Connection>();
  private readonly joins = new Set<(error: MillraceError) => void>();
  private numbers = 0;
  private closed: Promise<void> | undefined;
  private lastOut = false;

  constructor({ transport, capacity = 256, name, clone = false, schemas, check }: HubOptions, kind: string) {
    checkCount('capacity', capacity);
    this.contract = () => MessageContract.of({ schemas, check });
    this.contract();
    this.transport = transport;
    this.capacity = capacity;
    this.name = name ?? `${kind}-${String(++unnamed)}`;
    this.clone = clone;
  }

  admit(given: string | undefined, partner?: string): Correspondent {
    if (this.closed !== undefined) throw conversationClosed();
    const name = given ?? this.freeName();
    this.checkName(name);
    const { transport, clone } = this;
    const contract = this.contract();
    // Each peer's mail is bounded by its lines: the queues need no bound of their own, and so nobody waits behind another.
    const open = { transport, clone, capacity: Infinity };
    const up = new IterableQueue<ToOffice>({ ...open, name: `${this.name}/${name}/up`, exclusive: true });
    const down = new IterableQueue<ToPeer>({ ...open, name: `${this.name}/${name}/down`, exclusive: true });
    const sending = down.producer();
    const hearing = up.consumer();
    const correspondent = new Correspondent(
      {
        name,
        number: ++this.numbers,
        capacity: this.capacity,
        clones: clone || transport.manifest.values === 'clone',
        partner,
        up: up.producer(),
        down: down.consumer(),
        ids: 0,
        owns: 0,
        asked: 0,
        mail: [],
        lines: [],
        givenUp: [],
        check: contract?.at,
      },
      transport.runtime,
      contract,
    );
    up.close();
    down.close();
    const member = this.office.join(name, (frame) => {
      post(sending, frame);
    });
    const connection: Connection = { member, up, down, sending, lost: false };
    this.connections.set(member, connection);
    void this.hear(connection, hearing);
    return correspondent;
  }

  /** Lets go of a peer that is lost, before all that it had sent is worked off: another is to have its name now. */
  forgetLost(name: string): void {
    const member = this.office.members.get(name);
    const connection = member && this.connections.get(member);
    if (connection?.lost === true) this.left(connection);
  }

  /** The whole ends when its last member has left. */
  endWithLast(): void {
    this.lastOut = true;
  }

  async isEmpty(): Promise<boolean> {
    if (this.closed !== undefined) throw conversationClosed();
    await this.gathered();
    return this.office.outstanding === 0;
  }

  async join(options: WaitOptions): Promise<void> {
    checkWait('The join', options);
    if (this.closed !== undefined) throw conversationClosed();
    let unwatch: (() => void) | undefined;
    let fail: ((error: MillraceError) => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        fail = reject;
        this.joins.add(reject);
        unwatch = watch(this.transport.runtime, 'The join', options, reject);
        void this.gathered().then(() => {
          this.office.onEmpty(resolve);
        });
      });
    } finally {
      unwatch?.();
      if (fail !== undefined) this.joins.delete(fail);
    }
  }

  stats(): ConversationStats {
    const { members, outstanding, waiting, counts } = this.office;
    return { peers: [...members.keys()], outstanding, waiting, ...counts };
  }

  close(): Promise<void> {
    return (this.closed ??= this.shut());
  }

  private async shut(): Promise<void> {
    for (const fail of this.joins) fail(conversationClosed());
    this.office.close();
    const connections = [...this.connections.values()];
    this.connections.clear();
    // Behind what was sent before: whoever reads it hears that there is no more.
    await Promise.allSettled(connections.map(({ sending }) => sending.close()));
    for (const { up } of connections) void up[asyncDispose]();
  }

  private async hear(connection: Connection, hearing: ConsumerEndpoint<ToOffice>): Promise<void> {
    const { member, up } = connection;
    up.on('endpoint-lost', () => {
      connection.lost = true;
    });
    try {
      for await (const frames of hearing.batches({ max: PORTION })) {
        for (const frame of frames) this.receive(member, frame);
        this.office.settleCredits();
      }
    } catch (error) {
      // Its transport was closed, and with that all is over.
      this.fail(error as MillraceError);
      return;
    }
    this.left(connection);
  }

  /** Settles what waits here. The peers hear it from their own queues. */
  private fail(error: MillraceError): void {
    if (this.closed !== undefined) return;
    this.closed = Promise.resolve();
    this.connections.clear();
    for (const fail of this.joins) fail(error);
  }

  private receive(member: Member, given: unknown): void {
    let frame: ToOffice;
    try {
      frame = readFrame(member.name, given);
    } catch (error) {
      this.events.emit('malformed', { name: member.name, error: error as MillraceError });
      return;
    }
    this.office.receive(member, frame);
  }

  private left(connection: Connection): void {
    const { member, up, down, lost } = connection;
    if (!this.connections.delete(member)) return;
    const { unfinished } = this.office.leave(member);
    this.office.settleCredits();
    void up[asyncDispose]();
    void down[asyncDispose]();
    this.events.emit('peer-left', { name: member.name, lost, unfinished });
    if (this.lastOut && this.connections.size === 0) void this.close();
  }

  private asked(member: Member, question: Own, waits: boolean): void {
    void this.gathered().then(() => {
      const answer = (): void => {
        member.post([TO_PEER.ANSWERED, question, this.office.outstanding === 0, null]);
      };
      if (waits) this.office.onEmpty(answer);
      else answer();
    });
  }

  /** Resolves when the office has all that was sent up to now. */
  private async gathered(): Promise<void> {
    await Promise.allSettled([...this.connections.values()].map(({ up }) => up.join()));
  }

  private checkName(name: string): void {
    const refuse = (must: string): never => {
      throw new MillraceError('BAD_OPTION', `A peer's name is ${JSON.stringify(name)}; it must be ${must}.`, { option: 'name', value: name });
    };
    if (typeof name !== 'string' || name === ANYONE) refuse('a string that is not empty');
    if (name === ALL) refuse(`another: "${ALL}" stands for all peers`);
    if (this.office.members.has(name))
      throw new MillraceError('PEER_NAME_TAKEN', `Conversation "${this.name}" has a peer "${name}". Close it first, or choose another name.`, {
        conversation: this.name,
        peer: name,
      });
  }

  private freeName(): string {
    let n = this.numbers + 1;
    while (this.office.members.has(`peer-${String(n)}`)) n++;
    return `peer-${String(n)}`;
  }
}

/** A peer that is gone needs no frames; that it is gone is heard from its own queue. */
function post(sending: ProducerEndpoint<ToPeer>, frame: ToPeer): void {
  try {
    const put = sending.put(frame);
    if (typeof put !== 'string') put.catch(() => undefined);
  } catch {
    // Likewise.
  }
}
