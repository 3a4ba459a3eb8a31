// Starts a worker, says its process's number, and goes on until it is killed.
import { systemRuntime } from '@millrace/core';
import { startProcess } from '../../../dist/processes/index.js';

const [module, way, grace] = process.argv.slice(2);
const url = new URL(`../workers/${module}`, import.meta.url).href;
const handle = startProcess({
  id: 'worker',
  worker: { url, load: () => import(url) },
  args: { way },
  start: {},
  runtime: systemRuntime,
  home: { departure: (worker) => ({ worker, local: false, open: () => ({}) }), known: () => Promise.resolve(), lost: () => undefined },
  child: { module: '', data: undefined },
  linger: Infinity,
  grace: Number(grace ?? 60_000),
});
handle.channel.listen((pid) => console.log(`runs ${pid}`));
handle.exit.then((exit) => console.log(exit.status, exit.value ?? exit.error?.code));
