/** Counts, and takes its time to stop: as long as it is told, or for ever. */
export default class Supervised {
  n = 0;

  onStart({ stops }) {
    return { stops };
  }

  work() {
    return this.n++;
  }

  async onStop(context) {
    await context.message('onStop');
    if (context.started.stops === 'never') await new Promise(() => undefined);
  }
}
