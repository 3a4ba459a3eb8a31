import { MessagePort } from 'node:worker_threads';

let posted = 0;
const { postMessage } = MessagePort.prototype;

// The channel's messages are arrays, the tests' own are not: these are not counted.
MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, transfer?: never) {
  if (Array.isArray(message)) posted++;
  postMessage.call(this, message, transfer);
};

/** How many messages of the port channel this thread has posted so far. */
export function postsSoFar(): number {
  return posted;
}
