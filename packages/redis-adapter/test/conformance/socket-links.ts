import type { Link } from '@millrace/core/channels';
import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';

/** A message for a link, or that its other side was closed. */
type Frame = readonly [link: number, message?: readonly unknown[]];

const HEAD = 4;

/** Many links over one socket, which may come later than the first of them. */
export class Cable {
  private readonly pass: (deliver: () => void) => void;
  private readonly links = new Map<number, CableLink>();
  private readonly early = new Map<number, Frame[]>();
  private readonly outbox: Buffer[] = [];
  private socket: Socket | undefined;
  private bytes = Buffer.alloc(0);
  private cut = false;

  /**
   * @param pass - delivers in order, at once or later
   */
  constructor(pass: (deliver: () => void) => void) {
    this.pass = pass;
  }

  attach(socket: Socket): void {
    this.socket = socket;
    for (const bytes of this.outbox.splice(0)) socket.write(bytes);
    socket.on('data', (chunk: Buffer) => {
      this.read(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.pass(() => {
        this.lose();
      });
    });
  }

  open(id: number): Link {
    const link = new CableLink(this, id);
    this.links.set(id, link);
    return link;
  }

  send(frame: Frame): void {
    const body = serialize(frame);
    const head = Buffer.alloc(HEAD);
    head.writeUInt32LE(body.length);
    const bytes = Buffer.concat([head, body]);
    if (this.socket === undefined) this.outbox.push(bytes);
    else if (this.socket.writable) this.socket.write(bytes);
  }

  forget(id: number): void {
    this.links.delete(id);
  }

  /** What came before somebody listened. */
  arrived(id: number): Frame[] {
    const frames = this.early.get(id) ?? [];
    this.early.delete(id);
    return frames;
  }

  /** Whoever is at the other end is gone: all it sent is heard first. */
  end(): void {
    if (this.socket === undefined) this.lose();
  }

  /** All that was sent arrives. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket === undefined || this.cut) resolve();
      else {
        this.socket.on('close', () => {
          resolve();
        });
        this.socket.end();
        this.socket.resume();
      }
    });
  }

  private lose(): void {
    this.cut = true;
    for (const link of [...this.links.values()]) link.lose();
  }

  private read(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    while (this.bytes.length >= HEAD && this.bytes.length >= HEAD + this.bytes.readUInt32LE()) {
      const end = HEAD + this.bytes.readUInt32LE();
      const frame = deserialize(this.bytes.subarray(HEAD, end)) as Frame;
      this.bytes = this.bytes.subarray(end);
      this.pass(() => {
        const link = this.links.get(frame[0]);
        if (link?.listens === true) link.hear(frame);
        else this.early.set(frame[0], [...(this.early.get(frame[0]) ?? []), frame]);
      });
    }
  }
}

/** Delivers as soon as it arrives. */
export function atOnce(deliver: () => void): void {
  deliver();
}

/**
 * Delivers a turn after whatever has arrived elsewhere: what a parent says over the channel of a process, and then over a
 * cable, comes in that order, as it does in a thread.
 */
export function inTurn(deliver: () => void): void {
  setImmediate(() => setImmediate(deliver));
}

class CableLink implements Link {
  private readonly cable: Cable;
  private readonly id: number;
  private onMessage: ((message: readonly unknown[]) => void) | undefined;
  private onLost: (() => void) | undefined;

  constructor(cable: Cable, id: number) {
    this.cable = cable;
    this.id = id;
  }

  get listens(): boolean {
    return this.onMessage !== undefined;
  }

  post(message: unknown): void {
    this.cable.send([this.id, message as readonly unknown[]]);
  }

  receive(onMessage: (message: readonly unknown[]) => void, onLost: () => void): void {
    this.onMessage = onMessage;
    this.onLost = onLost;
    queueMicrotask(() => {
      for (const frame of this.cable.arrived(this.id)) this.hear(frame);
    });
  }

  hear([, message]: Frame): void {
    if (message === undefined) this.lose();
    else this.onMessage?.(message);
  }

  close(): void {
    this.cable.send([this.id]);
    this.cable.forget(this.id);
    this.onLost = undefined;
    this.onMessage = () => undefined;
  }

  detach(): never {
    throw new Error('an endpoint in a process leaves for nowhere');
  }

  lose(): void {
    const { onLost } = this;
    this.onLost = undefined;
    this.cable.forget(this.id);
    onLost?.();
  }
}
