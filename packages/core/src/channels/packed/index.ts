/** Blocks of items as bytes: columns for values that are alike, tagged values for the rest. */
export { packBlock, packing, unpackBlock } from './block.js';
export { makeRows } from './rows.js';
