import { MillraceError } from '../errors/error.js';
import { DIE, FAILED, type Message } from '../protocol/message.js';
import { show } from '../transport/spec.js';
import { checkSchema, Contract, isKnown } from './contract.js';
import { Turns } from './in-turn.js';
import type { StandardSchema } from './standard-schema.js';

/** Where messages are checked: by who sends them, by who receives them, or by both. */
export type CheckMessages = 'send' | 'receive' | 'both';

/** What the data of each request has to match. Those that are not named are not checked. */
export type MessageSchemas<Messages> = { readonly [Request in keyof Messages]?: StandardSchema<Messages[Request]> | undefined };

/** What a conversation demands of its messages, for one of its peers. */
export class MessageContract {
  readonly at: CheckMessages;
  private readonly sent: ReadonlyMap<string, Contract>;
  private readonly received: ReadonlyMap<string, Contract>;
  private readonly isKnown: boolean;
  private readonly turns = new Turns();
  /** What was found out of messages that may be asked for again. */
  private readonly read = new WeakMap<Message, Message | MillraceError>();

  private constructor(at: CheckMessages, schemas: Readonly<Record<string, unknown>> | undefined) {
    const given = Object.entries(schemas ?? {}).filter(([, schema]) => schema !== undefined);
    for (const [request] of given)
      if (request === DIE || request === FAILED)
        throw new MillraceError('BAD_OPTION', `Option schemas names ${request}: what that carries is the protocol's own affair.`, { option: 'schemas' });
    const contracts = (applies: boolean, keeps: boolean): Map<string, Contract> =>
      new Map(
        applies
          ? given.map(([request, schema]) => [request, new Contract(checkSchema(schema as StandardSchema, `schemas.${request}`), keeps)])
          : [],
      );
    this.at = at;
    this.isKnown = schemas !== undefined;
    // What the receiver makes another value of is not made one before.
    this.sent = contracts(at !== 'receive', at === 'both');
    this.received = contracts(at !== 'send', false);
  }

  /** Undefined where nothing is to be checked. Throws `BAD_OPTION`. */
  static of({ schemas, check }: { readonly schemas?: object | undefined; readonly check?: CheckMessages | undefined }): MessageContract | undefined {
    if (check !== undefined && !(['send', 'receive', 'both'] as readonly unknown[]).includes(check))
      throw new MillraceError('BAD_OPTION', `Option check is ${show(check)}; it can be "send", "receive" or "both".`, { option: 'check', value: check });
    if (schemas === undefined && check !== undefined)
      throw new MillraceError('BAD_OPTION', `Option check is ${show(check)}, and there are no schemas to check by.`, { option: 'check', value: check });
    return schemas === undefined ? undefined : new MessageContract(check ?? 'send', { ...schemas });
  }

  /** Of a peer that has left its schemas behind. */
  static without(at: CheckMessages): MessageContract {
    return new MessageContract(at, undefined);
  }

  with(schemas: object): MessageContract {
    return new MessageContract(this.at, { ...schemas });
  }

  /** Throws `SCHEMA_MISSING` until the schemas are told here. */
  check(peer: string): void {
    if (this.isKnown) return;
    throw new MillraceError(
      'SCHEMA_MISSING',
      `The conversation of peer "${peer}" checks its messages, and schemas cannot travel to a worker: say \`peer.checked(schemas)\` there before the peer is used.`,
      { peer },
    );
  }

  /** Goes on with what is to be sent, behind what was to be sent before. Rejects with `VALUE_INVALID`. */
  sending<Result>(request: string, data: unknown, peer: string, go: (data: unknown) => Result): Promise<Awaited<Result>> {
    const contract = this.sent.get(request);
    if (contract === undefined) return this.turns.pass({ value: data }, go);
    return this.turns.pass(contract.judge(data, `The data of ${show(request)} from peer "${peer}"`, { peer, request }), go);
  }

  /** The message as it is to be received, or what is wrong with it. */
  receiving(message: Message, peer: string): Message | MillraceError {
    const contract = this.received.get(message.request);
    if (contract === undefined) return message;
    const known = this.read.get(message);
    if (known !== undefined) return known;
    const { id, request, sender } = message;
    const what = `The data of ${show(request)} from peer "${sender}" to peer "${peer}"`;
    const verdict = contract.judge(message.data, what, { id, request, sender });
    const found = isKnown(verdict) ? (verdict.error ?? { ...message, data: verdict.value }) : takesTime(what, { id, request, sender });
    this.read.set(message, found);
    // It may come back unseen, and be received again.
    if (!(found instanceof MillraceError)) this.read.set(found, found);
    return found;
  }
}

function takesTime(what: string, where: Readonly<Record<string, unknown>>): MillraceError {
  const message = 'the schema takes time, and what is received has to be judged at once';
  return new MillraceError('VALUE_INVALID', `${what} does not match its schema: ${message}.`, { ...where, issues: [{ path: '', message }] });
}
