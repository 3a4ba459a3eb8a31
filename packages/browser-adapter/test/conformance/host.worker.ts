import { type Suite, suites } from './targets.ts';

/** What the page asks of a worker that hosts the queues in its place. */
export interface Ask {
  readonly suite: Suite;
  readonly name: string;
}

/** How a case went. */
export type Told = {
  readonly error?: { readonly message: string; readonly stack: string | undefined };
};

self.onmessage = async ({ data }: MessageEvent<Ask>) => {
  const wanted = suites[data.suite]().find(({ name }) => name === data.name);
  let told: Told = {};
  try {
    if (wanted === undefined) throw new Error(`There is no case ${data.name}.`);
    await wanted.run();
  } catch (error) {
    const { message, stack } = error as Error;
    told = { error: { message, stack } };
  }
  self.postMessage(told);
};
