import { memory, type ProducerBackend, type Transport } from '@millrace/core';

/** A memory transport on which all that is put into queues passes by: `tap` sees it, and may put something in its place. */
export function tapped(tap: (queue: string, value: unknown) => unknown): Transport {
  const inner = memory();
  return {
    ...inner,
    openQueue(spec) {
      const backend = inner.openQueue(spec);
      return new Proxy(backend, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key);
          if (typeof member !== 'function') return member;
          if (key !== 'openProducer') return member.bind(target) as unknown;
          return (info: object): ProducerBackend => {
            const producer = target.openProducer(info);
            return new Proxy(producer, {
              get(own, name) {
                const method: unknown = Reflect.get(own, name);
                if (typeof method !== 'function') return method;
                if (name === 'offer') return (value: unknown) => own.offer(tap(spec.name, value));
                return method.bind(own) as unknown;
              },
            });
          };
        },
      });
    },
  };
}
