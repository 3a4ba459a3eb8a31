/**
 * What worker adapters are made of: a queue's home, and endpoints that reach it over links.
 *
 * @module
 */
export { Home } from '../transport/memory/home.js';
export { HomeQueue } from '../transport/memory/home-queue.js';
export { FarHost } from './ports/far-host.js';
export { isShared, isSharedToken, reviveShared, SharedQueue, type SharedQueueOptions } from './shared/index.js';
export { type HostedParts, hostedTransport, type QueueHome } from './hosted-transport.js';
export type { Link } from './ports/link.js';
export { loseTogether } from './ports/losing.js';
export type { ArrivedBlock, ArrivedValues, OpenBlock, ValueForm } from './ports/form.js';
export { cloneFormBy } from './ports/clone-form.js';
export { BLOCK_BYTES, BLOCK_ITEMS, type BlockExtra, CODEC_BYTES, CODEC_CLONE, TO_ENDPOINT, TO_HOME } from './ports/messages.js';
export { makeRows, packBlock, unpackBlock } from './packed/index.js';
export { reviveEndpoint } from './ports/revive.js';
export { type ErrorFields, errorFields, makeError, packErrors, setErrorField, unpackErrors, type Packed } from './values/errors.js';
export { type Clone, cloneApart } from './values/clone.js';
export { fix, notCloneable } from './values/fix.js';
export { carriable } from './values/reason.js';
export { walk } from './values/survey.js';
export { DeadLetters, type Letter } from '../transport/memory/dead-letters.js';
export { SeenPuts } from '../transport/memory/seen-puts.js';
export { Entry, RICH } from '../transport/memory/entry.js';
export { Events } from '../transport/memory/events.js';
export { type Received, receiveArgs, type ReceivedEndpoint } from '../workers/receive-args.js';
export { sendArgs, type SentArgs } from '../workers/send-args.js';
export type { FromWorker, ToWorker, WorkerStart } from '../workers/control.js';
export { type ElsewhereOptions, runElsewhere, type Vessel, type VesselEvents } from '../workers/elsewhere.js';
export { type Entered, type EntryOptions, enterWorker, presentable } from '../workers/entry.js';
export { runHere } from '../workers/here.js';
export { exited, outOfMemory, uncaught } from '../workers/failures.js';
export { WorkerSide, type WorkerSideOptions } from '../workers/worker-side.js';
export { patience } from '../runtime/patience.js';
export { systemRuntime, type Runtime } from '../runtime/runtime.js';
export { Inlet, type WorkerChannel } from '../workers/channel.js';
export { MillraceError } from '../errors/error.js';
export { queueClosed } from '../errors/queue-closed.js';
export { reviveError } from '../errors/revive.js';
