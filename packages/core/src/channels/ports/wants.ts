import type { Runtime } from '../../runtime/runtime.js';
import type { PutLine } from '../../transport/put-line.js';
import type { Link } from './link.js';
import { TO_HOME } from './messages.js';

/**
 * How many of a producer's puts its home knows to wait. It is told of more at once; of fewer when the turn is over, since
 * while items flow the next put that waits takes the place of the one that need not.
 */
export class Wants {
  private readonly link: Link;
  private readonly runtime: Runtime;
  private readonly line: PutLine;
  private readonly first: () => void;
  private told = 0;
  private open = false;
  private ended = false;

  /** @param first - what its home has to hear before it hears of a wait. */
  constructor(link: Link, runtime: Runtime, line: PutLine, first: () => void = () => undefined) {
    this.link = link;
    this.first = first;
    this.runtime = runtime;
    this.line = line;
  }

  /** So many of them were answered with room. */
  answered(n: number): void {
    this.told -= n;
  }

  tell(): void {
    if (this.line.wants > this.told) this.send();
    else if (this.line.wants < this.told && !this.open) {
      this.open = true;
      this.runtime.defer(() => {
        this.open = false;
        this.tellNow();
      });
    }
  }

  tellNow(): void {
    if (this.line.wants !== this.told) this.send();
  }

  /** How many wait, of whom its home knows nothing any more. */
  renew(): number {
    this.told = this.line.wants;
    return this.told;
  }

  /** Also when there is nothing new. */
  send(): void {
    if (this.ended) return;
    this.first();
    const more = this.line.wants - this.told;
    this.told += more;
    this.link.post([TO_HOME.WANT, more]);
  }

  /** The endpoint is closed, and its home expects no word. */
  end(): void {
    this.ended = true;
  }
}
