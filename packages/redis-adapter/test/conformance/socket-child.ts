import { reviveEndpoint, systemRuntime } from '@millrace/core/channels';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { ChildHome } from '../../dist/processes/index.js';
import { Cable, inTurn } from './socket-links.ts';

/** The child's side of queues that live in its parent: see socket-transport.ts. */
export async function open(data: unknown): Promise<ChildHome> {
  const { path, worker } = data as { readonly path: string; readonly worker: string };
  const socket = connect(path);
  await once(socket, 'connect');
  socket.unref();
  const cable = new Cable(inTurn);
  cable.attach(socket);
  socket.write(Buffer.from(`${worker}\n`));
  return {
    revive: (token) => reviveEndpoint(token, systemRuntime, (far) => cable.open((far as { readonly link: number }).link)),
    close: () => cable.close(),
  };
}
