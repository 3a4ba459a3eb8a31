import type { Contender } from '../../../contender.js';
import type { Shape } from './shape.js';
import { batched, mesh, overWires, unbounded } from './wires.js';

/** A message an item straight to its consumer, with no flow control. */
export const rawPorts = (shape: Shape): Contender => ({
  name: 'raw-post-message',
  share: 0.25,
  run: (load) => overWires(mesh(shape), unbounded, load),
});

/** Batches straight to each consumer in turns, of which so many are on the way as are asked for. */
export const batchedMesh = (shape: Shape): Contender => ({
  name: 'batched-mesh',
  run: (load) =>
    overWires(mesh(shape), batched(load.payload.bytes, shape.producers * shape.consumers), load),
});
