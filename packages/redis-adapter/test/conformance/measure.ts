import { setImmediate } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

v8.setFlagsFromString('--expose_gc');
const collect = vm.runInNewContext('gc') as () => void;

/** What this process holds: what grows here was left behind. */
export async function measure(): Promise<Record<string, number>> {
  // What was closed in this turn is let go of in the next ones.
  for (let turn = 0; turn < 10; turn++) await setImmediate();
  collect();
  await setImmediate();
  collect();
  return {
    // What is to be done in the next turn is over then: none of it is left behind.
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    heap: process.memoryUsage().heapUsed,
  };
}
