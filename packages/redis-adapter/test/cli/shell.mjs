// Runs commands one after another in one process, since to load the libraries takes longer than most commands do. How a
// command begins and ends as a process of its own is seen where one is started.
import { main } from '../../dist/cli/main.js';

let last = Promise.resolve();

process.on('message', ({ id, args, env }) => {
  last = last.then(async () => {
    Object.assign(process.env, env);
    const written = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'])
      process[stream].write = (text) => {
        written[stream] += text;
        return true;
      };
    const code = await main(args);
    process.stdout.removeAllListeners('error');
    process.send({ id, outcome: { code, ...written } });
  });
});
