import { checkSchema, Contract, isKnown, valueOf } from './contract.js';
import type { StandardSchema } from './standard-schema.js';

/** Checks values one after the other passes on, however long each check takes: what is given first goes on first. */
export class InTurn {
  private readonly contract: Contract;
  private last: Promise<unknown> | undefined;

  constructor(schema: StandardSchema<unknown, unknown>, option: string) {
    this.contract = new Contract(checkSchema(schema, option));
  }

  /** Goes on with what became of the value; rejects with `VALUE_INVALID`. */
  async pass<Result>(value: unknown, what: string, where: Readonly<Record<string, unknown>>, go: (checked: unknown) => Result): Promise<Awaited<Result>> {
    const verdict = this.contract.judge(value, what, where);
    const { last } = this;
    if (last === undefined && isKnown(verdict)) return await go(valueOf(verdict));
    const turn = Promise.all([Promise.resolve(verdict), last]);
    this.last = turn;
    const [known] = await turn;
    if (this.last === turn) this.last = undefined;
    return await go(valueOf(known));
  }
}
