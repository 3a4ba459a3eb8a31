// Loaded ahead of a program: its clocks are an hour off, fast or slow.
const by = Number(process.env.CLOCK_SHIFT);
const now = Date.now.bind(Date);
const perform = performance.now.bind(performance);
globalThis.Date = class extends Date {
  constructor(...args) {
    if (args.length === 0) super(now() + by);
    else super(...args);
  }
  static now() {
    return now() + by;
  }
};
performance.now = () => perform() + Math.abs(by);
