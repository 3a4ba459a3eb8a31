/** Examples 1, 2 and 3 in a page: their worker files and what hosts them are those that run on Node. */
import { browserWorkers } from '@millrace/browser-adapter';

import { countAhead, isRight } from '../../count/count-ahead.js';
import { type Job, work } from '../../main-job/job.js';
import { findFaults, summarize } from '../../main-job/report.js';
import { measure } from '../../sensor/measure.js';
import { count } from '../../shared/numbers.js';

/** Writes lines for people; answers with the report. */
type Program = (say: (line: string) => void) => Promise<object>;

const transport = 'page';
const job: Job = {
  transport,
  producers: 17,
  consumers: 13,
  items: 5000,
  capacity: 1024,
  workMs: 0,
  killEveryMs: 0,
};

const doJob =
  (job: Job): Program =>
  async (say) => {
    say(
      `${String(job.producers)} producers, ${String(job.consumers)} consumers, ${count(job.items)} items`,
    );
    const report = await work(job, browserWorkers(), () => () => undefined);
    say(summarize(report));
    for (const fault of findFaults(report)) say(`Error: ${fault}.`);
    return report;
  };

const programs: Readonly<Record<string, Program>> = {
  'main-job': doJob(job),
  'main-job-killing': doJob({ ...job, items: 2000, workMs: 1, killEveryMs: 200 }),
  count: async (say) => {
    const report = await countAhead({ transport, repetitions: 100, idleMs: 0 }, browserWorkers());
    const { madeAhead, first, right, repetitions } = report;
    say(`made ahead: ${count(madeAhead)} numbers; the first two: ${first.join(', ')}`);
    say(`send(50), get, get: 50 and 51 in ${count(right)} of ${count(repetitions)} times`);
    if (!isRight(report)) say('Error: something stale was given.');
    return report;
  },
  sensor: (say) => measure({ transport, readings: 23 }, browserWorkers(), say),
};

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-run]')) {
  const { run = '' } = button.dataset;
  const section = button.closest('section')!;
  const output = section.querySelector<HTMLElement>('[data-output]')!;
  button.addEventListener('click', () => {
    void runOne(programs[run]!, section, output);
  });
}

async function runOne(program: Program, section: HTMLElement, output: HTMLElement): Promise<void> {
  const buttons = [...section.querySelectorAll('button')];
  for (const button of buttons) button.disabled = true;
  output.textContent = '';
  delete output.dataset['report'];
  const say = (line: string): void => {
    output.append(`${line}\n`);
  };
  try {
    output.dataset['report'] = JSON.stringify(await program(say));
  } catch (error) {
    say(String(error));
    output.dataset['report'] = 'null';
    throw error;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
