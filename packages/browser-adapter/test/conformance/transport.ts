import { browserWorkers } from '@millrace/browser-adapter';
import type { Transport } from '@millrace/core';

/** The transport as a bundler's user has it, but that its workers' modules are found by their URLs. */
export function byUrl(opened: Transport = browserWorkers({ channel: 'ports' })): Transport {
  return {
    ...opened,
    start: (ref, args, options) =>
      opened.start(
        {
          ...ref,
          factory: () =>
            new Worker(
              new URL('../../node_modules/.cache/workers/any.worker.js', import.meta.url),
              {
                type: 'module',
                name: ref.url ?? '',
              },
            ),
        },
        args,
        options,
      ),
  };
}
