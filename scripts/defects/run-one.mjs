// One run of the suite in a process of its own: prints what caught the defect, or nothing.
// Usage: node run-one.mjs <bundle> <random runs> <rule> <target>...
import { pathToFileURL } from 'node:url';

const [bundle = '', runs = '200', rule = '', ...names] = process.argv.slice(2);
const {
  checkedTarget,
  conformance,
  memoryTarget,
  memoryWorkersTarget,
  simulatedLinksTarget,
  workerConformance,
} = await import(pathToFileURL(bundle).href);

const SECONDS_A_CASE = 20;
const seed = 20_231;

/** @type {Record<string, () => any>} */
const targets = {
  memory: () => memoryTarget(),
  'memory, cloning': () => memoryTarget({ clone: true }),
  ports: () => simulatedLinksTarget(),
  checked: () => checkedTarget(memoryTarget(), 'at once'),
  'checked later': () => checkedTarget(memoryTarget(), 'later'),
  workers: () => memoryWorkersTarget({ starts: 20 }),
};

/** @param {string} how */
function caught(how) {
  console.log(how.replaceAll('\n', ' ').slice(0, 300));
  process.exit(1);
}

let current = 'before the first case';
process.on('unhandledRejection', (error) => {
  caught(`${current}: unhandled rejection: ${String(error)}`);
});
process.on('uncaughtException', (error) => {
  caught(`${current}: uncaught exception: ${String(error)}`);
});

for (const name of names) {
  const target = { ...targets[name]?.(), runs: Number(runs), seed };
  // The rule's own cases first: most defects are caught at once.
  const cases = (name === 'workers' ? workerConformance : conformance)(target).sort(
    (/** @type {any} */ a, /** @type {any} */ b) =>
      Number(b.rule === rule) - Number(a.rule === rule),
  );
  for (const { rule: kind, name: what, run } of cases) {
    if (kind === 'all' && runs === '0') continue;
    current = what;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const watchdog = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('hangs')), SECONDS_A_CASE * 1000);
    });
    try {
      await Promise.race([run(), watchdog]);
    } catch (error) {
      caught(what);
      throw error;
    }
    clearTimeout(timer);
  }
}
process.exit(0);
