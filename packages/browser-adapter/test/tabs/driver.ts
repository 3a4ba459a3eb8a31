import { onTestFinished } from 'vitest';
import { freshName } from './opened.ts';
import { type Ask, EACH, type Order, type Said } from './orders.ts';

/** Opens tabs, tells them what to do and hears what they say. */
export class Tabs {
  readonly name = freshName();
  private readonly line = new BroadcastChannel(this.name);
  private readonly listeners = new Set<(said: Said) => void>();
  private readonly open_ = new Set<string>();
  private openings: (() => void)[] = [];
  private opened = 0;
  private asks = 0;
  private readonly host: 'worker' | 'elected';
  private readonly as: 'tabs' | 'frames';
  private readonly frames = new Map<string, HTMLIFrameElement>();

  /**
   * @param host - who is the host of the tabs' queues
   * @param as - to what lives and dies with a page, frames of this one are as good as tabs
   */
  constructor(host: 'worker' | 'elected' = 'worker', as: 'tabs' | 'frames' = 'tabs') {
    this.host = host;
    this.as = as;
    this.line.onmessage = ({ data }: MessageEvent<Said>) => {
      for (const listener of [...this.listeners]) listener(data);
      if (data.kind === 'settled') this.tell(data.from, { kind: 'noted' });
    };
    onTestFinished(() => {
      for (const tab of [...this.open_]) this.close(tab);
      this.line.close();
    });
  }

  /** A tab with a process, or at least an event loop, of its own: it knows nothing of the page that opened it. */
  async open(): Promise<string> {
    const tab = `tab${String(++this.opened)}`;
    const ready = this.hears(tab, 'ready');
    const url = new URL('./tab.html', import.meta.url);
    url.hash = `${this.name}/${tab}/${this.host}`;
    if (this.as === 'tabs') window.open(url, '_blank', 'noopener');
    else {
      const frame = document.createElement('iframe');
      frame.src = url.href;
      this.frames.set(tab, frame);
      document.body.append(frame);
    }
    await ready;
    this.open_.add(tab);
    for (const opened of this.openings.splice(0)) opened();
    return tab;
  }

  tell(to: string, order: Order): void {
    this.line.postMessage({ to, order } satisfies Ask);
  }

  /** Several take part: were one of them closed, the queues would go on. */
  get several(): boolean {
    return this.open_.size > 1;
  }

  /** Resolves when another takes part. */
  opening(): Promise<void> {
    return new Promise((resolve) => {
      this.openings.push(resolve);
    });
  }

  close(tab: string): void {
    this.open_.delete(tab);
    if (this.as === 'tabs') this.tell(tab, { kind: 'close' });
    this.frames.get(tab)?.remove();
    this.frames.delete(tab);
  }

  /** Resolves when so many more items have been settled. */
  settle(count: number): Promise<void> {
    return new Promise((resolve) => {
      let seen = 0;
      const off = this.on((said) => {
        if (said.kind !== 'settled' || (seen += said.items.length) < count) return;
        off();
        resolve();
      });
    });
  }

  /** Resolves when the host has answered one of the tabs. */
  answered(queue: string): Promise<void> {
    const ask = ++this.asks;
    return new Promise((resolve) => {
      const off = this.on((said) => {
        if (said.kind !== 'told' || said.ask !== ask) return;
        off();
        resolve();
      });
      this.tell(EACH, { kind: 'ask', queue, ask });
    });
  }

  /** Resolves when the tab is gone. */
  async gone(tab: string): Promise<void> {
    await navigator.locks.request(`${this.name}/${tab}`, () => undefined);
  }

  /** Listens until the returned function is called. */
  on(listener: (said: Said) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The next thing of this kind that a tab says. */
  hears<K extends Said['kind']>(tab: string, kind: K): Promise<Said & { readonly kind: K }> {
    return new Promise((resolve, reject) => {
      const off = this.on((said) => {
        if (said.from !== tab) return;
        if (said.kind === 'failed') reject(new Error(`${tab}: ${said.code}: ${said.message}`));
        else if (said.kind === kind) resolve(said as Said & { readonly kind: K });
        else return;
        off();
      });
    });
  }
}
