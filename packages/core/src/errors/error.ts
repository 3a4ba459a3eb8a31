/** Every code a Millrace error can carry. Codes are stable: match on them, not on messages or classes. */
export type ErrorCode =
  | 'ABORTED' // the caller's AbortSignal fired before the wait was over
  | 'TIMED_OUT' // the caller's time-out passed before the wait was over
  | 'AUTH_FAILED' // the server refused the user, the password or what they may do
  | 'BAD_OPTION' // an option has a value that it cannot have
  | 'CAPABILITY_MISSING' // the transport cannot do what an option asks for
  | 'CLIENT_LIBRARY_MISSING' // no client library for the server is installed
  | 'COMMAND_FAILED' // the server refused a command
  | 'CONNECTION_FAILED' // the server could not be reached, or is not one that can be talked to
  | 'CONNECTION_LOST' // the connection broke before the server answered: whether it was done is not known
  | 'CONSUMERS_STUCK' // every consumer waits to put into its own full queue
  | 'CONVERSATION_CLOSED' // the conversation, or the pipe, was closed
  | 'DATA_LOST' // the server has lost what it had confirmed
  | 'DELIVERY_SETTLED' // the delivery was acked or given back before
  | 'ENDPOINT_BUSY' // an endpoint with calls under way cannot be handed over
  | 'ENDPOINT_CLOSED' // the endpoint was closed
  | 'ENDPOINT_LOST' // the worker that held the endpoint, or the link to its home, is gone
  | 'ENDPOINT_MOVED' // the endpoint was handed to a worker and works there now
  | 'KEY_TYPE_MISMATCH' // a key of the queue is in use for something else
  | 'LAYOUT_MISMATCH' // a queue is kept in a layout that this release does not know
  | 'LEASE_LOST' // this process was not heard of for too long: the delivery was given to another
  | 'MESSAGE_FAILED' // the worker's handler of a message threw
  | 'MESSAGE_MALFORMED' // what came is no message
  | 'MESSAGE_NOT_OPEN' // the message cannot be answered: it is no DO, or it was answered before
  | 'MESSAGE_TOO_NEW' // the message is of a protocol version that this release does not know
  | 'MESSAGE_UNHANDLED' // the worker has no handler for messages
  | 'PEER_GONE' // the peer that the message was for, or that was to answer, has left
  | 'PEER_NAME_TAKEN' // another peer of the conversation has that name
  | 'PEER_UNKNOWN' // the conversation has had no peer of that name
  | 'PUT_UNCERTAIN' // the home was asked and did not answer in time: repeat with the id
  | 'QUEUE_CLOSED' // the queue takes no new producers
  | 'QUEUE_ENDED' // everything was taken and settled, and no producer is left
  | 'SCHEMA_MISSING' // a worker uses an endpoint whose queue checks items, and has not said by which schema
  | 'SERVER_OUT_OF_MEMORY' // the server has reached its memory limit
  | 'SERVER_READ_ONLY' // the server is a replica that takes no writes
  | 'SERVER_TOO_OLD' // the server is older than this release can work with
  | 'STOP_TIMED_OUT' // a worker in this process was asked to stop and did not
  | 'TOLD_TO_DIE' // another peer told this one to die: it receives no more
  | 'TRANSFER_REFUSED' // a moved value on a queue that demands redelivery, or nothing to move it with
  | 'TRANSPORT_CLOSED' // the transport was closed
  | 'VALUE_INVALID' // the value does not match the schema that it is checked by
  | 'VALUE_NOT_CLONEABLE' // the value holds something that cannot be copied
  | 'VALUE_TOO_LARGE' // the value takes more bytes than the transport carries
  | 'VALUE_UNREADABLE' // what came is not what a codec of this transport writes
  | 'WORK_FAILED' // a producer's step or a consumer's batch threw
  | 'WORK_TIMED_OUT' // a producer's step or a consumer's batch took longer than its time-out
  | 'WORKER_BLOCKED' // the browser does not let the worker's file be loaded
  | 'WORKER_EXITED' // the worker ended before its function returned
  | 'WORKER_FAILED' // the worker's function threw
  | 'WORKER_LOAD_FAILED' // the worker's module threw while it was loaded
  | 'WORKER_MODULE_NOT_FOUND' // there is no module at the worker's URL
  | 'WORKER_NO_ENTRY' // the worker's module exports nothing to run
  | 'WORKER_NOT_RUNNING' // the worker was not started, or has stopped
  | 'WORKER_OUT_OF_MEMORY' // the worker reached its memory limit
  | 'WORKER_RUNNING' // the worker was started before and runs
  | 'WORKER_START_FAILED' // the worker's onStart threw
  | 'WORKER_TERMINATED' // the worker was terminated from outside
  | 'WRONG_DIRECTION'; // a put on a consumer endpoint, or a get on a producer endpoint

/**
 * The one class of all errors that Millrace makes. They are told apart by {@link MillraceError.code}: an error that
 * crossed a boundary keeps its code, but may not keep its class.
 *
 * @example
 * ```ts run
 * import { hasCode, IterableQueue, memory } from '@millrace/core';
 *
 * const queue = new IterableQueue<string>({ transport: memory(), capacity: 1 });
 * const producer = queue.producer();
 * await producer.put('first');
 * try {
 *   await producer.put('second', { timeout: 10 });
 * } catch (error) {
 *   if (!hasCode(error, 'TIMED_OUT')) throw error;
 *   console.log('full'); // prints: full
 * }
 * ```
 */
export class MillraceError extends Error {
  /** Says which fault it is, for programs. */
  readonly code: ErrorCode;
  /** What the message says, as values: the place, the limits, the ids concerned. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'MillraceError';
    this.code = code;
    this.details = details;
  }
}

/** Something that is wrong with a value, in the `details.issues` of `VALUE_INVALID`. */
export interface ValueIssue {
  /** Where in the value: `.lines[2].price`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** Tells whether a caught value is an error with this code, wherever it was made. */
export function hasCode(
  error: unknown,
  code: 'PUT_UNCERTAIN',
): error is MillraceError & { readonly details: { /** What to repeat the put with. */ readonly id: string } };
export function hasCode(
  error: unknown,
  code: 'VALUE_INVALID',
): error is MillraceError & { readonly details: { /** What is wrong with the value. */ readonly issues: readonly ValueIssue[] } };
export function hasCode(error: unknown, code: ErrorCode): error is MillraceError;
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === code;
}
