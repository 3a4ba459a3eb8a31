import { type MessagePort, workerData } from 'node:worker_threads';

import { payloadNamed, type PayloadName } from '../payloads.js';

export interface ProducerData {
  readonly payload: PayloadName;
  readonly total: number;
  readonly first: number;
  readonly step: number;
  readonly batch: number;
  readonly window: number;
  readonly ports: readonly MessagePort[];
}

const { payload, total, first, step, batch, window, ports } = workerData as ProducerData;
const made = payloadNamed(payload);
/** How many items each wire still takes. */
const room = ports.map(() => window);
let wake: () => void = () => undefined;

ports.forEach((port, at) => {
  port.on('message', (taken: number) => {
    room[at]! += taken;
    wake();
  });
});

let index = first;
let turn = 0;
while (index < total) {
  const at = freeWire();
  if (at < 0) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    continue;
  }
  turn = at + 1;
  send(at);
}
// Each consumer closes the wire when it has read that this is all.
for (const port of ports) port.postMessage(null);

/** The next wire, in turns, that has room for a batch; -1 if none has. */
function freeWire(): number {
  for (let tried = 0; tried < ports.length; tried++) {
    const at = (turn + tried) % ports.length;
    if (room[at]! >= batch) return at;
  }
  return -1;
}

function send(at: number): void {
  const length = Math.min(batch, Math.ceil((total - index) / step));
  room[at]! -= length;
  const items = new Array<unknown>(length);
  for (let i = 0; i < length; i++) items[i] = made.make(index + i * step);
  index += length * step;
  ports[at]!.postMessage(batch === 1 ? items[0] : items);
}
