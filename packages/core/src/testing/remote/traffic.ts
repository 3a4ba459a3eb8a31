import { platform, type Port } from '../../runtime/runtime.js';

let messages = 0;
let counting = false;

/** Counts the messages of the port channel that this thread posts, and those that it hears, where that can be seen. */
export function countTraffic(): void {
  if (counting) return;
  counting = true;
  const { port1 } = new platform.MessageChannel();
  const prototype = Object.getPrototypeOf(port1) as Port;
  port1.close();
  // The channel's messages are arrays, the tests' own are not: these are not counted.
  const count = (message: unknown): void => {
    if (Array.isArray(message)) messages++;
  };
  const { postMessage } = prototype;
  prototype.postMessage = function (this: Port, message: unknown, transfer?: readonly object[]) {
    count(message);
    if (transfer === undefined) postMessage.call(this, message);
    else postMessage.call(this, message, transfer);
  };
  const { set, ...rest } = Object.getOwnPropertyDescriptor(prototype, 'onmessage') ?? {};
  if (set === undefined) return;
  Object.defineProperty(prototype, 'onmessage', {
    ...rest,
    set(this: Port, listener: Port['onmessage']) {
      const counted = (event: { readonly data: unknown }): void => {
        count(event.data);
        listener?.call(this, event);
      };
      set.call(this, listener === null ? null : counted);
    },
  });
}

/** How many there were so far: while it grows, something is under way. */
export function trafficSoFar(): number {
  return messages;
}
