import { type Link, loseTogether, systemRuntime } from '@millrace/core/channels';

/** So many turns without a message: what the other side had posted before its end has come. */
const QUIET_TURNS = 4;

/** The last message of a link: no engine can be relied on to tell that the other side of a port was closed. */
const BYE = 0;

/** Of a message port, what is used of it: there are others than the page's own. */
export interface PortLike {
  onmessage: ((event: MessageEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  close(): void;
}

/** What a tab and its host speak over. */
export interface Control extends PortLike {
  /** A port beside it, that both sides know by this number: where no port can be sent. */
  port?(number: number): PortLike;
}

/** A link over a MessagePort of the page's kind. */
export class PortLink implements Link {
  private readonly port: PortLike;
  private readonly links: Links;
  private onLost: (() => void) | undefined;
  private open = true;

  constructor(port: PortLike, links: Links) {
    this.port = port;
    this.links = links;
  }

  post(message: unknown, transfer?: readonly object[]): void {
    if (!this.open) return;
    // An empty list is left out: it would cost as much as a full one.
    if (transfer === undefined || transfer.length === 0) this.port.postMessage(message);
    else this.port.postMessage(message, transfer as Transferable[]);
  }

  receive(onMessage: (message: readonly unknown[]) => void, onLost: () => void): void {
    const { port, links } = this;
    this.onLost = onLost;
    port.onmessageerror = () => {
      // A gap that nobody could close: what is not told any more is redelivered.
      this.lose();
    };
    // This starts the port.
    port.onmessage = ({ data }: MessageEvent<readonly unknown[] | typeof BYE>) => {
      links.heard++;
      if (data === BYE) links.left(this);
      else onMessage(data);
    };
  }

  close(): void {
    if (!this.end()) return;
    this.port.postMessage(BYE);
    this.port.close();
    this.links.forget(this);
  }

  /** Closes it for a reason that the other side is told of in another way. */
  drop(): void {
    if (!this.end()) return;
    this.port.close();
    this.links.forget(this);
  }

  detach(): object {
    if (this.end()) this.links.forget(this);
    return this.port;
  }

  /** The other side has closed the link, or is known to be gone. */
  lose(): void {
    const { onLost } = this;
    if (!this.end()) return;
    // For the other side, if it is still there.
    this.port.postMessage(BYE);
    this.port.close();
    onLost?.();
    this.links.forget(this);
  }

  private end(): boolean {
    if (!this.open) return false;
    this.open = false;
    this.onLost = undefined;
    this.port.onmessage = null;
    this.port.onmessageerror = null;
    return true;
  }
}

/** The open links between a worker and its host, on one side. */
export class Links {
  /** How many messages have come. */
  heard = 0;
  /** Called when the last link is closed. */
  onEmpty: (() => void) | undefined;
  private readonly links = new Set<PortLink>();
  /** Those that the other side has closed. */
  private readonly leaving = new Set<PortLink>();
  /** How many it has closed so far. */
  private byes = 0;

  get size(): number {
    return this.links.size;
  }

  connect(port: PortLike): PortLink {
    const link = new PortLink(port, this);
    this.links.add(link);
    return link;
  }

  /** A new link: this side of it, and the port that is the other's. */
  open(): { readonly link: PortLink; readonly far: MessagePort } {
    const { port1, port2 } = new MessageChannel();
    return { link: this.connect(port1), far: port2 };
  }

  /** Resolves when what a side that is gone had posted has come. */
  async quiet(): Promise<void> {
    for (let turns = 0, before = -1; turns < QUIET_TURNS; before = this.heard) {
      await turn();
      turns = this.heard === before ? turns + 1 : 0;
    }
  }

  /**
   * The other side has closed this one. A worker that ends closes all that it has, in turns of their own: they are lost
   * together, once no other follows.
   */
  left(link: PortLink): void {
    this.byes++;
    this.leaving.add(link);
    if (this.leaving.size === this.links.size) this.loseLeaving();
    else if (this.leaving.size === 1) void this.loseLeavingLater();
  }

  private async loseLeavingLater(): Promise<void> {
    for (let turns = 0, before = this.byes; turns < QUIET_TURNS; before = this.byes) {
      await turn();
      turns = this.byes === before ? turns + 1 : 0;
    }
    this.loseLeaving();
  }

  private loseLeaving(): void {
    const leaving = [...this.leaving];
    loseTogether(() => {
      for (const link of leaving) link.lose();
    });
  }

  forget(link: PortLink): void {
    this.leaving.delete(link);
    this.links.delete(link);
    if (this.links.size === 0) this.onEmpty?.();
  }

  /** Closes all, and tells the other side so, behind whatever was posted before. */
  close(): void {
    for (const link of [...this.links]) link.close();
  }

  /** The same, where the other side hears of it in another way. */
  drop(): void {
    for (const link of [...this.links]) link.drop();
  }

  /** The other side is gone. */
  lose(): void {
    loseTogether(() => {
      for (const link of [...this.links]) link.lose();
    });
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    systemRuntime.defer(resolve);
  });
}
