import { hold } from '../../lock.js';
import type { PortLike } from '../../port-link.js';
import { hostLock } from '../host.js';
import type { Reached } from '../reach.js';
import { Channel } from './channel.js';
import { ElectedHost } from './elected-host.js';

type Word =
  /** A tab has come, and does not know the host. */
  | { readonly kind: 'who' }
  | { readonly kind: 'hosting'; readonly term: number }
  | { readonly kind: 'connect'; readonly term: number; readonly control: string };

/** One of the tabs is the host: the one that holds its lock. When it is closed the next one gets the lock, and goes on. */
export class Election {
  private readonly name: string;
  private readonly events: Reached;
  private readonly line: BroadcastChannel;
  private readonly ending = new AbortController();
  private host: ElectedHost | undefined;
  /** That of the host that is known: each host's is above those of the ones before. */
  private term = 0;
  private channel: Channel | undefined;
  private ports = 0;

  constructor(name: string, events: Reached) {
    this.name = name;
    this.events = events;
    this.line = new BroadcastChannel(hostLock(name));
    this.line.onmessage = ({ data }: MessageEvent<Word>) => {
      this.hear(data);
    };
    this.say({ kind: 'who' });
    void this.stand();
  }

  /** A new port to the host, and its number, by which the host makes its side. */
  open(): { near: PortLike; far: unknown; transfer: Transferable[] } {
    const far = ++this.ports;
    return { near: this.channel!.port(far), far, transfer: [] };
  }

  stop(): void {
    this.host?.stop();
    // Lets go of the lock, too.
    this.ending.abort();
    this.line.close();
  }

  private async stand(): Promise<void> {
    const { signal } = this.ending;
    const letGo = await hold(hostLock(this.name), signal);
    if (letGo === undefined) return;
    if (signal.aborted) {
      letGo();
      return;
    }
    signal.addEventListener('abort', letGo);
    const host = new ElectedHost(this.name);
    this.host = host;
    await host.started;
    if (this.ending.signal.aborted) return;
    this.say({ kind: 'hosting', term: host.term });
    this.connect(host.term);
  }

  private hear(word: Word): void {
    switch (word.kind) {
      case 'who':
        // Not before it has begun: then it tells everybody.
        if (this.host !== undefined && this.host.term > 0)
          this.say({ kind: 'hosting', term: this.host.term });
        return;
      case 'hosting':
        this.connect(word.term);
        return;
      case 'connect':
        if (word.term === this.host?.term) this.host.connect(new Channel(word.control, 'second'));
    }
  }

  private connect(term: number): void {
    // The word of one that is gone may come late.
    if (term <= this.term) return;
    this.term = term;
    const control = `millrace:${crypto.randomUUID()}`;
    this.channel = new Channel(control, 'first');
    // A channel does not hear itself.
    if (term === this.host?.term) this.host.connect(new Channel(control, 'second'));
    else this.say({ kind: 'connect', term, control });
    this.events.connected(this.channel);
  }

  private say(word: Word): void {
    this.line.postMessage(word);
  }
}
