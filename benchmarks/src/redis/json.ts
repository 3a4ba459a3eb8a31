import type { PayloadName } from '../payloads.js';

/** What the libraries that write JSON are given for bytes: text of the same size, and a third more on the wire. */
export function jsonOf(payload: PayloadName, item: unknown): unknown {
  return payload === 'large' ? Buffer.from(item as Uint8Array).toString('base64') : item;
}

export function valueOf(payload: PayloadName, data: unknown): unknown {
  return payload === 'large' ? new Uint8Array(Buffer.from(data as string, 'base64')) : data;
}

/** What the hand-written clients put: bytes as they are, all else as JSON. */
export function encode(payload: PayloadName, item: unknown): string | Buffer {
  return payload === 'large' ? Buffer.from(item as Uint8Array) : JSON.stringify(item);
}

export function decode(payload: PayloadName, bytes: Buffer): unknown {
  return payload === 'large' ? new Uint8Array(bytes) : (JSON.parse(bytes.toString()) as unknown);
}
