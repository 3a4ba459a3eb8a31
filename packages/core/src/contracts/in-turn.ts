import { checkSchema, Contract, isKnown, valueOf, type Verdict } from './contract.js';
import type { StandardSchema } from './standard-schema.js';

/** Lets values go on in the order in which they came, however long each one's check takes. */
export class Turns {
  private last: Promise<unknown> | undefined;

  /** Goes on with what became of the value, at once where that is known; rejects with what is wrong with it. */
  async pass<Result>(verdict: Verdict | Promise<Verdict>, go: (checked: unknown) => Result): Promise<Awaited<Result>> {
    const { last } = this;
    if (last === undefined && isKnown(verdict)) return await go(valueOf(verdict));
    const turn = Promise.all([Promise.resolve(verdict), last]);
    this.last = turn;
    const [known] = await turn;
    if (this.last === turn) this.last = undefined;
    return await go(valueOf(known));
  }
}

/** Checks one value after the other by one schema. */
export class InTurn {
  private readonly contract: Contract;
  private readonly turns = new Turns();

  constructor(schema: StandardSchema<unknown, unknown>, option: string) {
    this.contract = new Contract(checkSchema(schema, option));
  }

  pass<Result>(value: unknown, what: string, where: Readonly<Record<string, unknown>>, go: (checked: unknown) => Result): Promise<Awaited<Result>> {
    return this.turns.pass(this.contract.judge(value, what, where), go);
  }
}
