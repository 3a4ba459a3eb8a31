import type { ProducerEndpoint } from '@millrace/core';

export interface MeasuresArgs {
  readonly bytes: Uint8Array;
  readonly out: ProducerEndpoint<string>;
}

/** Tells how long its bytes are, and whether the endpoint beside them works. */
export default async function measures({ bytes, out }: MeasuresArgs): Promise<[number, boolean]> {
  return [bytes.length, (await out.put('here')) === 'accepted'];
}
