import type { Connection } from '../../dist/testing.js';

/**
 * A connection whose scripts, answers and published messages take their time, each kind in its order: so many turns of the event
 * loop as `turns` says for each.
 */
export function delayed(inner: Connection, turns: () => number): Connection {
  const lane = (): ((go: () => void) => void) => {
    let last = Promise.resolve();
    return (go) => {
      last = last.then(async () => {
        for (let n = turns(); n > 0; n--) await new Promise((resolve) => setImmediate(resolve));
        go();
      });
    };
  };
  const requests = lane();
  const answers = lane();
  const run: Connection['run'] = (...given) =>
    new Promise((resolve, reject) => {
      requests(() => {
        inner.run(...given).then(
          (reply) => {
            answers(() => {
              resolve(reply);
            });
          },
          (error: unknown) => {
            answers(() => {
              reject(error);
            });
          },
        );
      });
    });
  const subscribe: Connection['subscribe'] = (channel, hear) => {
    const heard = lane();
    return inner.subscribe(channel, (payload) => {
      heard(() => {
        hear(payload);
      });
    });
  };
  return new Proxy(inner, {
    get: (of, key) => {
      if (key === 'run') return run;
      if (key === 'subscribe') return subscribe;
      const value: unknown = Reflect.get(of, key);
      return typeof value === 'function' ? (value as (...args: never) => unknown).bind(of) : value;
    },
  });
}
