import type { QueueSpec, Runtime } from '@millrace/core';
import { Home } from '@millrace/core/channels';
import type { PortLink } from '../port-link.js';
import { HostLink } from './host-link.js';

/** How a host keeps its queues: as long as it is there itself, or so that another can go on with them. */
export interface Keeping {
  home(spec: QueueSpec): Home;
  link(port: PortLink, home: Home, onEnd: () => void, id: string): HostLink;
  /** Calls back when all that has happened so far is kept, in the order of the calls: nobody hears of it before. */
  kept(call: () => void): void;
  /** This queue is of no more use. */
  forget(queue: string): void;
}

export function inMemory(runtime: Runtime): Keeping {
  return {
    home: (spec) => new Home(spec, runtime),
    link: (port, home, onEnd) => new HostLink(port, home, onEnd),
    kept: (call) => {
      call();
    },
    forget: () => undefined,
  };
}
