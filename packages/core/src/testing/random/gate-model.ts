/** What is known of a queue's gate; one without a gate is always open. */
export class GateModel {
  /** `emptied`: closed, and what waited was discarded. */
  is: 'open' | 'closed' | 'emptied';
  /** It was closed at some time since the present group began. */
  mayRefuse = false;
  /** It was open at some time since then. */
  mayAccept = true;

  constructor(gated: boolean) {
    this.is = gated ? 'emptied' : 'open';
    this.beginGroup();
  }

  beginGroup(): void {
    this.mayAccept = this.is === 'open';
    this.mayRefuse = this.is !== 'open';
  }

  moved(to: 'open' | 'closed' | 'emptied'): void {
    // What was emptied and is closed again stays empty.
    if (!(this.is === 'emptied' && to === 'closed')) this.is = to;
    if (to === 'open') this.mayAccept = true;
    else this.mayRefuse = true;
  }
}
