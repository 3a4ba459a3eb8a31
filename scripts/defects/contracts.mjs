const CHECKED = ['checked'];
const LATER = ['checked later'];

/**
 * Defects of endpoints that check what passes, one rule broken by each.
 *
 * @type {import('./types.d.mts').Defect[]}
 */
export const contractDefects = [
  {
    rule: 'C1',
    file: 'contracts/checked-producer.ts',
    find: "if (this.line.length > 0) return 'full';",
    replace: '',
    about: 'a put overtakes those that are being checked',
  },
  {
    rule: 'C1',
    file: 'contracts/checked-producer.ts',
    find: 'if (isKnown(verdict) && this.line.length === 0)',
    replace: 'if (isKnown(verdict))',
    about: 'a tryPut overtakes those that are being checked',
  },
  {
    rule: 'C1',
    file: 'contracts/checked-producer.ts',
    find: 'for (let step = this.line.head; step?.go !== undefined; step = this.line.head) {',
    replace: 'for (const step of this.line) {\n      if (step.go === undefined) continue;',
    about: 'items are put in the order in which their checks end',
  },
  {
    rule: 'C1',
    file: 'contracts/checked-producer.ts',
    find: 'step.fail(endpointClosed(this.id));',
    replace: '',
    about: 'closing leaves puts that are being checked waiting for ever',
  },
  {
    rule: 'C1',
    file: 'contracts/checked-producer.ts',
    find: 'this.line.leave(step);\n    this.advance();',
    replace: 'this.line.leave(step);',
    about: 'those behind a put that was given up wait for ever',
  },
  {
    rule: 'C1',
    file: 'contracts/checked-producer.ts',
    find: 'values.length > 1 ? i : undefined',
    replace: 'undefined',
    about: 'a batch does not say which of its items is bad',
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'this.inner.reject(taken, verdict.error);',
    replace: 'this.inner.ack(taken);',
    about: 'what does not match is lost, and not a dead letter',
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'if (taken !== undefined && holds !== true) this.inner.handOut(originalOf(taken));',
    replace: '',
    about: 'where taking acknowledges, it does not',
    targets: CHECKED,
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'this.giveBackUnseen([...this.unseen]);',
    replace: '',
    about: 'what is being checked when the endpoint closes stays in hand',
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'this.giveBackUnseen(seat.checking);',
    replace: '',
    about: 'what is being checked when whoever waits gives up stays in hand',
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'if (this.found !== undefined) return undefined;',
    replace: '',
    about: 'a later item overtakes the one that is being checked',
    targets: LATER,
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'while (group.length < most) {',
    replace: 'while (group.length < 1) {',
    about: 'the items of a batch are checked one by one',
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'if (taker.partial ? this.inner.drained() : this.inner.ended(taker.held)) seat.end();',
    replace: 'if (false) seat.end();',
    about: 'a queue of which nothing matches does not end',
  },
  {
    rule: 'C2',
    file: 'contracts/checked-consumer.ts',
    find: 'this.inner.ack(originalOf(taken));',
    replace: 'this.inner.ack(taken);',
    about: 'an item that was made another of cannot be acknowledged',
    targets: ['ports'],
  },
];
