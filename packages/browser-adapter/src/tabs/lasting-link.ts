import { type ErrorCode, MillraceError } from '@millrace/core';
import { type Link, TO_ENDPOINT, TO_HOME, type ValueForm } from '@millrace/core/channels';
import type { PortLink } from '../port-link.js';
import { NAME } from './errors.js';
import { tabForm } from './form.js';

/** `[kind, message]`, to a host: a BLOCK or an ASK that may have come to one before. */
export const AGAIN = 90;
/** `[kind, sequence]`, to an endpoint: its items before this one are written down. */
export const WRITTEN = 91;

/** What is answered: `[kind, request, ...]`. */
const QUESTIONS: ReadonlySet<unknown> = new Set([
  TO_HOME.FLUSH,
  TO_HOME.ASK,
  TO_HOME.SEEN,
  TO_HOME.CLOSE,
  TO_HOME.TRY,
  TO_HOME.POLL,
]);

/** What answers it: `[kind, request, ...]`. */
const ANSWERS: ReadonlySet<unknown> = new Set([
  TO_ENDPOINT.FLUSHED,
  TO_ENDPOINT.ANSWERS,
  TO_ENDPOINT.SEEN,
  TO_ENDPOINT.CLOSED,
  TO_ENDPOINT.TRIED,
  TO_ENDPOINT.POLLED,
]);

/**
 * A tab's side of a link that outlives hosts. Each host asks the endpoint first for its position (RENEW); until that is
 * answered nothing else is said to it, but for whatever earlier hosts may not have kept or answered.
 */
export class LastingLink implements Link {
  readonly form = unmovingForm;
  /** It has been open with a host. */
  isKnown = false;
  private readonly onEnd: () => void;
  private port: PortLink | undefined;
  /** The host knows the endpoint's position. */
  private renewed = false;
  /** Items that are not known to be written down, and questions that are not answered. */
  private kept: (readonly unknown[])[] = [];
  private onMessage: ((message: readonly unknown[]) => void) | undefined;
  private onLost: (() => void) | undefined;
  private open = true;
  private failed = false;

  constructor(onEnd: () => void) {
    this.onEnd = onEnd;
  }

  /** Goes on with another host. */
  use(port: PortLink): void {
    this.port?.detach();
    this.port = port;
    this.renewed = false;
    port.receive(
      (message) => {
        this.hear(message);
      },
      () => {
        this.end();
        this.onLost?.();
      },
    );
  }

  post(message: unknown): void {
    if (!this.open) return;
    const said = message as readonly unknown[];
    if (said[0] === TO_HOME.RENEWED) {
      this.renewed = true;
      // What it counts in its position are these, too.
      for (const one of this.kept) if (carries(one)) this.port?.post([AGAIN, one]);
      this.port?.post(said);
      for (const one of this.kept) if (!carries(one)) this.port?.post(one);
      return;
    }
    if (said[0] === TO_HOME.BLOCK || QUESTIONS.has(said[0])) this.kept.push(said);
    // Before, whatever else is said is of what it had with another host.
    if (this.renewed) this.port?.post(said);
  }

  receive(onMessage: (message: readonly unknown[]) => void, onLost: () => void): void {
    this.onMessage = onMessage;
    this.onLost = onLost;
  }

  close(): void {
    if (!this.open) return;
    this.end();
    if (this.failed) this.port?.drop();
    else this.port?.close();
  }

  detach(): object {
    throw new Error('unreachable: it was checked that it cannot leave');
  }

  /** The endpoint hears why it is no more, and closes the link. The host is told once of all that fail together. */
  fail(code: ErrorCode, why: string): void {
    this.failed = true;
    this.onMessage?.([TO_ENDPOINT.GONE, code, why]);
  }

  private end(): void {
    this.open = false;
    this.kept = [];
    this.onEnd();
  }

  private hear(message: readonly unknown[]): void {
    this.isKnown = true;
    const kind = message[0];
    if (kind === WRITTEN) {
      const upTo = message[1] as number;
      this.kept = this.kept.filter((said) => said[0] !== TO_HOME.BLOCK || endOf(said) > upTo);
      return;
    }
    if (ANSWERS.has(kind))
      this.kept = this.kept.filter((said) => !QUESTIONS.has(said[0]) || said[1] !== message[1]);
    if (kind === TO_ENDPOINT.RENEW) this.pollAgain(message);
    else this.onMessage?.(message);
  }

  /** What a poll asked for went with the host that was asked: as if another had been faster, it is asked for afresh. */
  private pollAgain(renew: readonly unknown[]): void {
    const polls = this.kept.filter((said) => said[0] === TO_HOME.POLL);
    this.kept = this.kept.filter((said) => said[0] !== TO_HOME.POLL);
    this.onMessage?.(renew);
    for (const [, request] of polls) this.onMessage?.([TO_ENDPOINT.POLLED, request, true]);
  }
}

function carries(said: readonly unknown[]): boolean {
  return said[0] === TO_HOME.BLOCK || said[0] === TO_HOME.ASK;
}

/** The number behind a block's last item. */
function endOf(block: readonly unknown[]): number {
  return (block[2] as number) + (block[4] as number);
}

/** There is no way to move anything from tab to tab but by a SharedWorker. */
const unmovingForm: ValueForm = Object.freeze({
  ...tabForm,
  open: () => {
    const block = tabForm.open();
    const add = block.add.bind(block);
    block.add = (fixed, meta) => {
      if (meta?.transfer !== undefined)
        throw new MillraceError(
          'TRANSFER_REFUSED',
          'Nothing can be moved to another tab without a SharedWorker: leave the transfer list out, and the value is copied.',
          { transport: NAME },
        );
      add(fixed, meta);
    };
    return block;
  },
});
