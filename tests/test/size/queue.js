// What a queue within a program takes.
export { IterableQueue, memory } from '@millrace/core';
