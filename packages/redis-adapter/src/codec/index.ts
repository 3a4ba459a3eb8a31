export { BlockReader, BlockWriter, packBlock } from './block.js';
export { clone } from './clone/codec.js';
export type { Codec } from './codec.js';
export { bytesForm } from './form.js';
export { decodeReason, encodeReason, Items, type ItemsOptions, type ReadItem } from './item.js';
export { json } from './json.js';
export { msgpack } from './msgpack.js';
export { ByteWriter } from './writer.js';
