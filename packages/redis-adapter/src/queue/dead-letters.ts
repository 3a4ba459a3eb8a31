import { type DeadLetter, type DeadLetterBackend, MillraceError, type QueueSpec } from '@millrace/core';
import { CODEC_BYTES, type ValueForm } from '@millrace/core/channels';
import { ASK } from '../session/wire.js';
import { lostReason } from './looking.js';
import type { Requests } from './requests.js';

export interface Reading {
  readonly spec: QueueSpec;
  readonly list?: object | undefined;
  readonly form: ValueForm;
  readonly readReason: (bytes: Uint8Array) => unknown;
}

/** A queue's dead letters, which stay in Redis. */
export class RedisDeadLetters implements DeadLetterBackend {
  private readonly requests: Requests;
  private readonly reading: Reading;
  private readonly over: () => MillraceError | undefined;

  constructor(requests: Requests, reading: Reading, over: () => MillraceError | undefined) {
    this.requests = requests;
    this.reading = reading;
    this.over = over;
  }

  size(): Promise<number> {
    return this.requests.ask<number>(ASK.LETTER_COUNT);
  }

  read(max: number): Promise<readonly DeadLetter[]> {
    return this.requests.askFor(ASK.LETTERS, [max === Infinity ? -1 : max], (message, frame) => {
      const bytes = frame.bytes(message[4] as number);
      let at = 0;
      return (message[3] as [string, number, number, number, number][]).map(([id, attempts, time, bodyLength, reasonLength]) => {
        const from = at;
        at += bodyLength + reasonLength;
        return { id, attempts, at: time, ...readLetter(bytes.subarray(from, at), bodyLength, this.reading) };
      });
    });
  }

  async putBack(ids: readonly string[] | 'all'): Promise<number> {
    const answer = await this.requests.ask<number | string>(ASK.LETTERS_BACK, ids);
    if (typeof answer === 'number') return answer;
    const { name } = this.reading.spec;
    throw new MillraceError(
      'QUEUE_ENDED',
      `Queue "${name}" has ended, and takes nothing back. Its dead letters can still be read: put them into another queue.`,
      { queue: name },
    );
  }

  purge(ids: readonly string[] | 'all'): Promise<number> {
    const over = this.over();
    if (over !== undefined) return Promise.reject(over);
    return this.requests.ask<number>(ASK.LETTERS_GONE, ids);
  }
}

/** A letter is a block of one item, and behind it why it was given up. What cannot be read is shown as the bytes it is. */
export function readLetter(
  bytes: Buffer,
  length: number,
  { form, readReason, list }: Omit<Reading, 'spec'>,
): Pick<DeadLetter, 'value' | 'headers' | 'error'> {
  const body = bytes.subarray(0, length);
  const error = lostReason(bytes.subarray(length), readReason);
  try {
    const { values } = form.read([CODEC_BYTES, 1, 0, 0, body, undefined], 0);
    const value = values.take(0);
    return { value, headers: values.headers(0), error };
  } catch {
    return { headers: undefined, value: new Uint8Array(body.subarray(list === undefined ? 4 : 5)), error };
  }
}
