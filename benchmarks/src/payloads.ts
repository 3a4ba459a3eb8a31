/** What flows through a queue in a benchmark: each item carries its index, so that loss and disorder show. */
export interface Payload<T = unknown> {
  readonly name: PayloadName;
  /** About how many bytes an item has. */
  readonly bytes: number;
  make(index: number): T;
  indexOf(item: T): number;
}

/** Byte arrays, by their sizes. */
export const sizes = {
  'bytes-8': 8,
  'bytes-64': 64,
  'bytes-512': 512,
  'kib-4': 4 * 1024,
  'kib-64': 64 * 1024,
  'mib-1': 1024 * 1024,
  'mib-16': 16 * 1024 * 1024,
} as const;
export type SizeName = keyof typeof sizes;

export type PayloadName = 'small' | 'medium' | 'large' | SizeName;

export interface MediumItem {
  readonly id: number;
  readonly ts: number;
  readonly payload: string;
}

const small: Payload<number> = {
  name: 'small',
  bytes: 8,
  make: (index) => index,
  indexOf: (item) => item,
};

const TEXT = 'The mill race feeds the wheel; '.repeat(4).slice(0, 100);

const medium: Payload<MediumItem> = {
  name: 'medium',
  bytes: 120,
  make: (index) => ({ id: index, ts: 1_700_000_000_000 + index, payload: TEXT }),
  indexOf: (item) => (item.payload.length === TEXT.length ? item.id : -1),
};

/** All buffers of one payload have no more bytes than this. */
const BUFFERS_BYTES = 64 * 1024 * 1024;
const MOST_BUFFERS = 64;

/** From distinct buffers, since structured clone sends a buffer that is repeated within one message only once. */
function byteArrays(name: PayloadName, bytes: number): Payload<Uint8Array> {
  const distinct = Math.min(MOST_BUFFERS, BUFFERS_BYTES / bytes);
  const views: DataView<ArrayBuffer>[] = [];
  return {
    name,
    bytes,
    make: (index) => {
      const view = (views[index % distinct] ??= new DataView(new ArrayBuffer(bytes)));
      view.setUint32(0, index);
      return new Uint8Array(view.buffer);
    },
    indexOf: (item) =>
      item.byteLength === bytes ? new DataView(item.buffer, item.byteOffset).getUint32(0) : -1,
  };
}

const large = byteArrays('large', 64 * 1024);

const payloads: Partial<Record<PayloadName, Payload>> = { small, medium, large };

export function payloadNamed(name: PayloadName): Payload {
  return (payloads[name] ??= byteArrays(name, sizes[name as SizeName]));
}
