/**
 * What a transport has to keep, as cases for any test runner, and a clock for tests.
 *
 * @module
 */
export { conformance } from './conformance.js';
export type { ConformanceCase } from './case.js';
export type { Fixture, FixtureOptions, TransportUnderTest } from './target.js';
export type { FarConsumer, FarDelivery, FarIterator, FarProducer, Soon } from './far.js';
export { ManualClock } from './clock.js';
export { memoryTarget, settleHere } from './targets/memory.js';
export { checkedTarget } from './targets/checked.js';
export { ConformanceError } from './assert.js';
export { linksTarget, type Wires } from './targets/links.js';
export { sharedMemoryTarget } from './targets/shared.js';
export { messageChannelTarget } from './targets/message-channel.js';
export { workersTarget } from './targets/workers.js';
export { simulatedLinksTarget, simulatedWires } from './targets/simulated.js';
export { workerConformance } from './workers/conformance.js';
export { memoryWorkersTarget } from './workers/memory-target.js';
export type { Death, WorkersFixture, WorkersUnderTest } from './workers/target.js';
