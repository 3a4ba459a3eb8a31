// many-queues.js CONTENDER COUNT: prints the microseconds that each of so many queues takes. In a process of its own, since
// the memory of shared queues is freed only when garbage is collected, and nothing in the script's heap grows so that it is.
import { channels } from './contenders/threads/channels.js';
import { millraceQueues, rawQueues } from './contenders/threads/many-queues.js';

const [, , name, count] = process.argv;
const found = [rawQueues, ...channels.map(millraceQueues)].find((known) => known.name === name);
if (found === undefined) throw new Error(`There is no contender ${String(name)}.`);
process.stdout.write(`${String(await found.measure(Number(count)))}\n`);
process.exit();
