import { onTestFinished } from 'vitest';
import { freshName } from './opened.ts';
import type { Ask, Order, Said } from './orders.ts';

/** Opens tabs, tells them what to do and hears what they say. */
export class Tabs {
  readonly name = freshName();
  private readonly line = new BroadcastChannel(this.name);
  private readonly listeners = new Set<(said: Said) => void>();
  private readonly open_ = new Set<string>();
  private opened = 0;

  constructor() {
    this.line.onmessage = ({ data }: MessageEvent<Said>) => {
      for (const listener of [...this.listeners]) listener(data);
      if (data.kind === 'settled') this.tell(data.from, { kind: 'noted' });
    };
    onTestFinished(() => {
      for (const tab of this.open_) this.tell(tab, { kind: 'close' });
      this.line.close();
    });
  }

  /** A tab with a process, or at least an event loop, of its own: it knows nothing of the page that opened it. */
  async open(): Promise<string> {
    const tab = `tab${String(++this.opened)}`;
    const ready = this.hears(tab, 'ready');
    const url = new URL('./tab.html', import.meta.url);
    url.hash = `${this.name}/${tab}`;
    window.open(url, '_blank', 'noopener');
    await ready;
    this.open_.add(tab);
    return tab;
  }

  tell(to: string, order: Order): void {
    if (order.kind === 'close') this.open_.delete(to);
    this.line.postMessage({ to, order } satisfies Ask);
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
