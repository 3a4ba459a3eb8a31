/**
 * Producers, consumers and the queues between them, for every JavaScript runtime.
 *
 * @module
 */
export { MillraceError, hasCode, type ErrorCode, type ValueIssue } from './errors/error.js';
export { systemRuntime, type Runtime } from './runtime/runtime.js';
export { IterableQueue, type IterableQueueOptions } from './queues/iterable-queue.js';
export { ReadyQueue } from './queues/ready-queue.js';
export type { CheckMessages, MessageSchemas } from './contracts/message-contract.js';
export type { CheckAt, OnTheWay } from './contracts/queue-contract.js';
export type { InputOf, OutputOf, SchemaIssue, SchemaResult, StandardSchema } from './contracts/standard-schema.js';
export type { Propagation } from './telemetry/propagation.js';
export { ProducerEndpoint, type PutOptions } from './queues/producer-endpoint.js';
export { ConsumerEndpoint, type DeliveryBatches } from './queues/consumer-endpoint.js';
export { DeadLetters } from './queues/dead-letters.js';
export { Delivery, type DeliveryPutOptions } from './queues/delivery.js';
export { ProducerSlot, ConsumerSlot } from './queues/slots.js';
export type { BatchOptions } from './queues/gathering.js';
export type { PutManyAnswer } from './queues/put-wait.js';
export type { WaitOptions } from './queues/waits.js';
export { memory, type MemoryOptions } from './transport/memory/memory.js';
export type { QueueHealth, QueueTransport, Transport, TransportHealth } from './transport/transport.js';
export type { TransportManifest } from './transport/manifest.js';
export type { Acknowledge, Confirm, Overflow, QueueOptions, QueueSpec } from './transport/spec.js';
export type {
  Blocker,
  ConsumerBackend,
  DeadLetter,
  DeadLetterBackend,
  Departure,
  EndpointInfo,
  EndpointToken,
  GateBackend,
  ItemHeaders,
  ProducerBackend,
  PutAnswer,
  PutMeta,
  Putter,
  QueueBackend,
  QueueEvents,
  QueueStats,
  SlotBackend,
  Taken,
  Taker,
} from './transport/backend.js';
export { DIE, DO, FAILED, FINISHED, parseMessage, PROTOCOL_VERSION, type Failure, type Message } from './protocol/message.js';
export { Conversation, type ConversationOptions } from './protocol/conversation.js';
export type { ConversationEvents, ConversationStats } from './protocol/hub.js';
export { Peer } from './protocol/peer.js';
export { PeerSlot } from './protocol/peer-slot.js';
export { Pipe, PipeEnd, type PipeOptions } from './protocol/pipe.js';
export type {
  AnyMessages,
  DataOf,
  PeerEvents,
  Received,
  ReceivedDo,
  ReceivedMessage,
  ReceiveOptions,
  Recipients,
  ReplyOf,
  RequestOf,
  SendArgs,
  SendOptions,
} from './protocol/types.js';
export {
  type ArgsOf,
  defineWorker,
  type HostArgs,
  type ResultOf,
  type WorkerContext,
  type WorkerEntry,
  type WorkerFunction,
  type WorkerModule,
  type WorkerRef,
} from './workers/ref.js';
export type { WorkerChannel } from './workers/channel.js';
export type { StartOptions, WorkerExit, WorkerHandle, WorkerRole, WorkerState } from './workers/handle.js';
export { Producer, type ArgsOption, type ProducerOptions } from './groups/producer.js';
export { Consumer, type ConsumerOptions, type OwnQueue, type RetryPolicy } from './groups/consumer.js';
export { PlainWorker, type PlainWorkerOptions } from './groups/plain-worker.js';
export { Supervisor, type GroupReport, type Supervised, type SupervisorEvents, type SupervisorOptions } from './groups/supervisor.js';
export type { GroupEvents, GroupOptions, GroupState, MessageOption } from './groups/group.js';
export type { InstanceReport } from './groups/instance.js';
export type { RestartPolicy } from './groups/restarts.js';
export type { Feed } from './groups/mailbox.js';
export { statefulProducer, type StatefulHooks, type StatefulProducer, type Step } from './loops/stateful.js';
export type { BackoffOptions } from './loops/backoff.js';
export type { ConsumerContext, ConsumerHooks, LoopContext, ProducerContext, ProducerHooks, Skip, WorkerAspects } from './loops/context.js';
export type { ConsumerArgs, ConsumerEntry, ItemOf, MessageOf, ProducerArgs, ProducerEntry, ReportOf, WorkedOf, WorkResult } from './loops/entry.js';
