import { createHash } from 'node:crypto';
import { MillraceError } from '@millrace/core';
import { slotOf } from '../connection/slot.js';

/** A plain list, and the side at which it is pushed; it is popped at the other. */
export interface PlainList {
  readonly key: string;
  readonly push: 'left' | 'right';
  /** The id of the codec that reads and writes its entries. */
  readonly codec: number;
}

/** Keys up to this length are legible in the keys of what is kept beside their lists. */
const LEGIBLE = /^[^{}]{1,200}$/u;

/**
 * The key of what is kept beside a list while somebody takes part in it. It lies in the list's slot of a Cluster, so that one
 * script reaches both.
 */
export function besideList(prefix: string, key: string): string {
  if (LEGIBLE.test(key)) return `${prefix}list:{${key}}`;
  return `${prefix}list:${createHash('sha256').update(key).digest('base64url')}:{${tagIn(slotOf(key))}}`;
}

/** As the queue's home is told of it. */
export function describeList(list: PlainList | undefined): string {
  return list === undefined ? '' : `${list.push === 'left' ? 'L' : 'R'}${String(list.codec)}:${list.key}`;
}

/** What `describeList` says. */
export function listFrom(text: string): PlainList | undefined {
  const [, side, codec, key] = /^([LR])(\d+):(.*)$/s.exec(text) ?? [];
  return key === undefined ? undefined : { key, push: side === 'L' ? 'left' : 'right', codec: Number(codec) };
}

/** A name that lies in this slot. */
function tagIn(slot: number): string {
  for (let i = 0; ; i++) if (slotOf(String(i)) === slot) return String(i);
}

/**
 * The list that woodenwaiter uses for a table and a dish: the two with a colon between them.
 *
 * A table with a colon is refused with `BAD_OPTION`, since another pair would have the same list; where a program elsewhere
 * has one, give its list's key as it is.
 *
 * @example
 * ```ts run
 * import { tableDish } from '@millrace/redis-adapter';
 *
 * console.log(tableDish('kitchen', 'soup')); // prints: kitchen:soup
 * ```
 */
export function tableDish(table: string, dish: string): string {
  if (table.includes(':'))
    throw new MillraceError('BAD_OPTION', `The table ${JSON.stringify(table)} has a colon, so that other tables and dishes have the same list. Leave it out.`, {
      option: 'table',
      value: table,
    });
  return `${table}:${dish}`;
}
