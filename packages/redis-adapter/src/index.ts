/**
 * Queues in Redis or Valkey: the same contract across machines.
 *
 * @module
 */
export {};
