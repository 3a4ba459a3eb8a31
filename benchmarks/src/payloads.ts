/** What flows through a queue in a benchmark: each item carries its index, so that loss and disorder show. */
export interface Payload<T = unknown> {
  readonly name: PayloadName;
  make(index: number): T;
  indexOf(item: T): number;
}

export type PayloadName = 'small' | 'medium' | 'large';

export interface MediumItem {
  readonly id: number;
  readonly ts: number;
  readonly payload: string;
}

const small: Payload<number> = {
  name: 'small',
  make: (index) => index,
  indexOf: (item) => item,
};

const TEXT = 'The mill race feeds the wheel; '.repeat(4).slice(0, 100);

const medium: Payload<MediumItem> = {
  name: 'medium',
  make: (index) => ({ id: index, ts: 1_700_000_000_000 + index, payload: TEXT }),
  indexOf: (item) => (item.payload.length === TEXT.length ? item.id : -1),
};

const LARGE_BYTES = 64 * 1024;
const DISTINCT_BUFFERS = 64;
const buffers: Uint8Array[] = [];

/** From 64 distinct buffers, since structured clone sends a buffer that is repeated within one message only once. */
const large: Payload<Uint8Array> = {
  name: 'large',
  make: (index) => {
    const buffer = (buffers[index % DISTINCT_BUFFERS] ??= new Uint8Array(LARGE_BYTES));
    new DataView(buffer.buffer).setUint32(0, index);
    return buffer;
  },
  indexOf: (item) =>
    item.byteLength === LARGE_BYTES ? new DataView(item.buffer, item.byteOffset).getUint32(0) : -1,
};

const payloads: Record<PayloadName, Payload> = { small, medium, large };

export function payloadNamed(name: PayloadName): Payload {
  return payloads[name];
}
