import { MillraceError } from '../errors/error.js';

/** Asks for something to be done. It stays open until it is answered, by `FINISHED` or `FAILED`. */
export const DO = 'DO';
/** Answers a `DO`: it was done, and `data` is what came of it. */
export const FINISHED = 'FINISHED';
/** Answers a `DO`: it could not be done, and `data` says why. */
export const FAILED = 'FAILED';
/** Tells a peer to stop before it does anything else. Peers understand it themselves; no receiver sees it. */
export const DIE = 'DIE';

/** The version of the protocol that this release writes, and the newest that it reads. */
export const PROTOCOL_VERSION = 1;

/** What peers send each other. As JSON it looks the same: no field of it is a class or a function. */
export interface Message {
  /** The protocol's version. */
  readonly v: 1;
  /** Unique within its conversation. Copies of one message to several recipients share it. */
  readonly id: string;
  /** What is asked for: `DO`, `FINISHED`, `FAILED`, `DIE`, or any other string that the peers agree on. */
  readonly request: string;
  /** The name of the peer that sent it. */
  readonly sender: string;
  /** The name of the peer that it is for. Absent: whoever takes it first. */
  readonly recipient?: string;
  /** The id of the message that this one answers. */
  readonly replyTo?: string;
  readonly data?: unknown;
}

/** What `FAILED` carries: an error as plain data, so that it reads the same in every language. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/**
 * Reads a message that came from elsewhere: whatever the value is, the result is a message with the fields of
 * {@link Message} and no others, or an error with a code. `data` is passed on as it is.
 *
 * Throws `MESSAGE_MALFORMED`, whose `details.field` names the field that is wrong (`message` for the whole), and
 * `MESSAGE_TOO_NEW` for a version that this release does not know.
 *
 * @example
 * ```ts run
 * import { hasCode, parseMessage } from '@millrace/core';
 *
 * const message = parseMessage({ v: 1, id: '7', request: 'DO', sender: 'ann', data: 3, extra: true });
 * console.log(JSON.stringify(message)); // prints: {"v":1,"id":"7","request":"DO","sender":"ann","data":3}
 * try {
 *   parseMessage({ v: 1, id: '8', request: 'DO' });
 * } catch (error) {
 *   if (hasCode(error, 'MESSAGE_MALFORMED')) console.log(error.details['field']); // prints: sender
 * }
 * ```
 */
export function parseMessage(value: unknown): Message {
  let fields: Fields;
  try {
    fields = read(value);
  } catch (error) {
    // A getter or a proxy of the sender's own threw: it is not data.
    throw malformed('message', 'something that throws when it is read', error);
  }
  return judge(fields);
}

type Fields = { readonly [Field in keyof Message]?: unknown } & { readonly found?: string };

/** Reads each field once: what a getter answers the second time may be something else. */
function read(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { found: describe(value) };
  const { v, id, request, sender, recipient, replyTo, data } = value as Fields;
  return { v, id, request, sender, recipient, replyTo, data };
}

function judge({ found, v, id, request, sender, recipient, replyTo, data }: Fields): Message {
  if (found !== undefined) throw malformed('message', found);
  if (typeof v !== 'number' || !Number.isSafeInteger(v) || v < 1) throw malformed('v', describe(v));
  // Before anything else: in a newer version the other fields may mean something else.
  if (v > PROTOCOL_VERSION)
    throw new MillraceError(
      'MESSAGE_TOO_NEW',
      `A message is of protocol version ${String(v)}, and this release reads up to ${String(PROTOCOL_VERSION)}. Update @millrace/core here.`,
      { version: v, newest: PROTOCOL_VERSION },
    );
  return {
    v: PROTOCOL_VERSION,
    id: text('id', id),
    request: text('request', request),
    sender: text('sender', sender),
    ...(recipient === undefined ? {} : { recipient: text('recipient', recipient) }),
    ...(replyTo === undefined ? {} : { replyTo: text('replyTo', replyTo) }),
    ...(data === undefined ? {} : { data }),
  };
}

/** Names and ids are not empty; a request may be any string. */
function text(field: keyof Message, value: unknown): string {
  if (typeof value !== 'string' || (value === '' && field !== 'request')) throw malformed(field, describe(value));
  return value;
}

const MUST_BE: Record<string, string> = {
  message: 'an object',
  v: 'a whole number from 1 up',
  request: 'a string',
};

function malformed(field: string, found: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'MESSAGE_MALFORMED',
    field === 'message'
      ? `What came is no message: it is ${found}, not an object.`
      : `What came is no message: its ${field} is ${found}; it must be ${MUST_BE[field] ?? 'a string that is not empty'}.`,
    { field, found },
    cause,
  );
}

/** Says what a value is without running any code of its own. */
function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (value === '') return 'empty';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
