import { platform, type Port } from '../../runtime/runtime.js';

type Method = (this: Port, ...args: unknown[]) => void;

let messages = 0;
let counting = false;

/** Counts the messages of the port channel that this thread posts, and those that it hears, where that can be seen. */
export function countTraffic(): void {
  if (counting) return;
  counting = true;
  const { port1 } = new platform.MessageChannel();
  const prototype = Object.getPrototypeOf(port1) as object;
  port1.close();
  // The channel's messages are arrays, the tests' own are not: these are not counted.
  const count = (message: unknown): void => {
    if (Array.isArray(message)) messages++;
  };
  const post = Object.getOwnPropertyDescriptor(prototype, 'postMessage')!;
  const postMessage = post.value as Method;
  Object.defineProperty(prototype, 'postMessage', {
    ...post,
    value(this: Port, ...args: unknown[]) {
      count(args[0]);
      postMessage.apply(this, args);
    },
  });
  const hear: { set?: unknown } | undefined = Object.getOwnPropertyDescriptor(
    prototype,
    'onmessage',
  );
  const setListener = hear?.set as Method | undefined;
  if (setListener === undefined) return;
  Object.defineProperty(prototype, 'onmessage', {
    ...hear,
    set(this: Port, listener: Port['onmessage']) {
      const counted = (event: { readonly data: unknown }): void => {
        count(event.data);
        listener?.call(this, event);
      };
      setListener.call(this, listener === null ? null : counted);
    },
  });
}

/** How many there were so far: while it grows, something is under way. */
export function trafficSoFar(): number {
  return messages;
}
