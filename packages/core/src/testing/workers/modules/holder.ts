import { unpackErrors } from '../../../channels/values/errors.js';
import type { ConsumerEndpoint } from '../../../queues/consumer-endpoint.js';
import type { Delivery } from '../../../queues/delivery.js';
import type { ProducerEndpoint } from '../../../queues/producer-endpoint.js';
import { platform, type Port } from '../../../runtime/runtime.js';
import type { WorkerContext } from '../../../workers/ref.js';
import { nextTurn } from '../../bench.js';
import type {
  Answer,
  Call,
  DeliveryName,
  IteratorName,
  Pong,
  Reason,
  ToEndpoint,
} from '../../remote/rpc.js';
import { countTraffic, trafficSoFar } from '../../remote/traffic.js';

export interface HolderArgs {
  readonly end: ProducerEndpoint<unknown> | ConsumerEndpoint<unknown>;
  readonly port: Port;
}

/** Structured clone would strip it of its code. */
function withCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause
    ? { code: cause.code, message: cause.message }
    : cause;
}

function whole(arg: unknown): unknown {
  return typeof arg === 'object' && arg !== null && 'reason' in arg
    ? unpackErrors((arg as Reason).reason)
    : arg;
}

function isDelivery(value: unknown): value is Delivery<unknown> {
  return typeof value === 'object' && value !== null && 'nack' in value;
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** Holds an endpoint in a worker of its own, and does with it what the host says. */
export default async function holder(
  { end, port }: HolderArgs,
  context: WorkerContext,
): Promise<void> {
  countTraffic();
  const kept = new Map<number, unknown>([[0, end]]);
  const aborts = new Map<number, InstanceType<typeof platform.AbortController>>();
  let names = 0;

  const keep = (what: unknown): number => {
    kept.set(++names, what);
    return names;
  };
  const nameDelivery = (delivery: Delivery<unknown>): DeliveryName => {
    const { value, attempt, redelivered, moved, headers } = delivery;
    return { delivery: keep(delivery), value, attempt, redelivered, moved, headers };
  };
  const present = (result: unknown): unknown => {
    if (typeof result !== 'object' || result === null) return result;
    if ('next' in result) return { iterator: keep(result) } satisfies IteratorName;
    const { done, value } = result as { done?: boolean; value?: unknown };
    if (done !== false) return result;
    if (isDelivery(value)) return { done, value: nameDelivery(value) };
    if (Array.isArray(value) && value.every(isDelivery))
      return { done, value: value.map(nameDelivery) };
    return result;
  };
  const controllerOf = (n: number): InstanceType<typeof platform.AbortController> => {
    const known = aborts.get(n) ?? new platform.AbortController();
    aborts.set(n, known);
    return known;
  };
  const options = (call: Call): unknown[] => {
    if (call.signal === undefined) return [...call.args];
    const controller = controllerOf(call.signal);
    return [
      ...call.args.slice(0, -1),
      { ...(call.args.at(-1) as object), signal: controller.signal },
    ];
  };
  const answer = async (call: Call): Promise<void> => {
    let reply: Answer;
    try {
      const target = kept.get(call.on) as Methods;
      const result: unknown = await target[call.method]?.(...options(call).map(whole));
      reply = { n: call.n, value: present(result) };
    } catch (error) {
      const { code, message, details, cause } = error as {
        code?: unknown;
        message: string;
        details?: unknown;
        cause?: unknown;
      };
      reply = { n: call.n, error: { code, message, details, cause: withCode(cause) } };
    }
    port.postMessage(reply);
  };

  // Twice round the loop: whatever was posted to this worker has been handled, and what that deferred too.
  const pong = async (ping: number): Promise<void> => {
    await nextTurn();
    await nextTurn();
    port.postMessage({ pong: ping, traffic: trafficSoFar() } satisfies Pong);
  };
  port.onmessage = ({ data }) => {
    const message = data as ToEndpoint;
    if ('abort' in message) controllerOf(message.abort).abort(message.reason);
    else if ('ping' in message) void pong(message.ping);
    else void answer(message);
  };
  await new Promise<void>((resolve) => {
    context.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  port.close();
}
