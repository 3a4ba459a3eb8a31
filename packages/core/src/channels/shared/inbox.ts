import { unpackBlock } from '../packed/index.js';
import { type BlockExtra, TO_ENDPOINT } from '../ports/messages.js';
import { transferablesOf } from '../values/survey.js';

type Message = readonly unknown[];

/** Where the bytes of a block lie, and which of its items are meant. */
export interface InPlace {
  readonly at: number;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Items of a block that the host keeps the values of: of which one, and where they begin in it. */
export interface Kept {
  readonly key: number;
  readonly from: number;
}

/** A message for an endpoint. One with items lacks their values, which are to be read, or still to come. */
export interface Incoming {
  readonly message: Message;
  readonly inPlace?: InPlace;
  readonly kept?: Kept;
  /** What has come for `kept`. */
  came?: { readonly values: unknown[]; readonly extra: BlockExtra | undefined };
}

/**
 * What has come for an endpoint and it was not told of yet, in order: what the host has to send holds up what is behind it. All of
 * it is data, and goes along when the endpoint is handed over.
 */
export class Inbox {
  private all: Incoming[];

  constructor(coming: readonly Incoming[] = []) {
    this.all = [...coming];
  }

  get length(): number {
    return this.all.length;
  }

  add(incoming: Incoming): void {
    this.all.push(incoming);
  }

  arrived(part: number, values: unknown[], extra: BlockExtra | undefined): void {
    const incoming = this.all.find((one) => one.kept !== undefined && partOf(one) === part);
    if (incoming !== undefined) incoming.came = { values, extra };
  }

  /** The next one, unless it is still to come. */
  take(): Incoming | undefined {
    return isThere(this.all[0]) ? this.all.shift() : undefined;
  }

  /** Whether the next one can be taken, and has items. */
  get hasItems(): boolean {
    const [next] = this.all;
    return isThere(next) && isItems(next);
  }

  /** What has not come by now never will. */
  dropMissing(): void {
    this.all = this.all.filter(isThere);
  }

  takeAll(): Incoming[] {
    return this.all.splice(0);
  }
}

function isThere(incoming: Incoming | undefined): incoming is Incoming {
  return incoming !== undefined && (incoming.kept === undefined || incoming.came !== undefined);
}

export function isItems({ message }: Incoming): boolean {
  return message[0] === TO_ENDPOINT.ITEMS;
}

/** The part that items were sent as. */
export function partOf({ message }: Incoming): number {
  return message[4] as number;
}

/** As the endpoint gets it. */
export function completed({ message, inPlace, came }: Incoming, bytes: Uint8Array): Message {
  const found = inPlace === undefined ? came : unpackBlock(bytes.subarray(inPlace.at, inPlace.at + inPlace.bytes), inPlace.from, inPlace.to);
  if (found === undefined) return message;
  return [...message.slice(0, -1), found.values, { ...found.extra, ...(message.at(-1) as BlockExtra) }];
}

/** How many items there are in these. */
export function itemsIn(coming: readonly Incoming[]): number {
  return coming.reduce((sum, incoming) => sum + (isItems(incoming) ? (incoming.message[2] as number) : 0), 0);
}

/** What of these values has to be moved where they go: what was moved when they were put. */
export function movable(values: readonly unknown[], extra: BlockExtra | undefined): object[] {
  return (extra?.moved ?? []).flatMap((index) => transferablesOf(values[index]));
}
