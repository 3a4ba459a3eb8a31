import { MillraceError } from '../../errors/error.js';
import { TO_OFFICE, type ToOffice } from '../frames.js';
import { type Message, parseMessage } from '../message.js';

/** What each part of a frame has to be. */
type Part = 'name' | 'names' | 'number' | 'boolean' | 'message';

const { OPEN, MAIL, COPIES, TAKEN, DONE, ANSWER, RETURN, SEEK, UNSEEK, CLAIM, DECLINED, DIE, JOIN, EMPTY } = TO_OFFICE;

const SHAPES = new Map<unknown, readonly Part[]>([
  [OPEN, ['name']],
  [MAIL, ['message']],
  [COPIES, ['message']],
  [TAKEN, ['number']],
  [DONE, ['number']],
  [ANSWER, ['number', 'message']],
  [RETURN, ['number', 'boolean']],
  [SEEK, ['number', 'boolean', 'boolean']],
  [UNSEEK, ['number']],
  [CLAIM, ['number', 'number']],
  [DECLINED, ['number', 'number']],
  [DIE, ['number', 'message', 'names']],
  [JOIN, ['number']],
  [EMPTY, ['number']],
]);

/**
 * Reads a frame that came from a peer, which may be of another release, or of another make. Throws `MESSAGE_MALFORMED` and
 * `MESSAGE_TOO_NEW`, and nothing else, whatever came.
 */
export function readFrame(peer: string, given: unknown): ToOffice {
  let parts: unknown[];
  try {
    parts = Array.isArray(given) ? [...(given as unknown[])] : [];
  } catch (error) {
    throw unknownFrame(peer, error);
  }
  const shape = SHAPES.get(parts[0]);
  if (shape === undefined) throw unknownFrame(peer);
  const frame = [parts[0], ...shape.map((part, i) => readPart(peer, part, parts[i + 1]))];
  // The table says of each kind what TypeScript knows of it.
  return frame as unknown as ToOffice;
}

function readPart(peer: string, part: Part, value: unknown): unknown {
  if (part === 'message') return readMessage(peer, value);
  const fits = part === 'names' ? value === null || isNames(value) : typeof value === (part === 'name' ? 'string' : part);
  if (!fits) throw unknownFrame(peer);
  return value;
}

function isNames(value: unknown): boolean {
  try {
    return Array.isArray(value) && value.every((name) => typeof name === 'string');
  } catch {
    return false;
  }
}

/** A peer speaks for itself only. */
function readMessage(peer: string, value: unknown): Message {
  const message = parseMessage(value);
  if (message.sender === peer) return message;
  throw new MillraceError(
    'MESSAGE_MALFORMED',
    `What came is no message: its sender is "${message.sender}", and it came from "${peer}".`,
    { field: 'sender', found: message.sender },
  );
}

function unknownFrame(peer: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'MESSAGE_MALFORMED',
    `What came from peer "${peer}" is nothing that a post office knows.`,
    { field: 'message', found: 'an unknown frame' },
    cause,
  );
}
