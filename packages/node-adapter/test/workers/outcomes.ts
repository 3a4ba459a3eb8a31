import type { ProducerEndpoint } from '@millrace/core';

export interface OutcomesArgs {
  readonly out: ProducerEndpoint<string>;
  readonly which: keyof typeof outcomes;
}

const outcomes = {
  nothing: () => undefined,
  'at once': () => 7,
  'a function': () => ({ list: [{ done: () => 1 }] }),
  'a promise within': () => ({ soon: Promise.resolve(1) }),
  'throws text': (): never => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- users do
    throw 'only text';
  },
  'throws nothing': (): never => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- users do
    throw undefined;
  },
  'throws what cannot be copied': (): never => {
    throw Object.assign(
      new RangeError('with a socket', {
        cause: Object.assign(new TypeError('below'), { fn: () => 1 }),
      }),
      {
        code: 'E_SOCKET',
        socket: { close: () => undefined },
        status: 500,
      },
    );
  },
  'throws a coded error of ours': (): never => {
    throw Object.assign(new Error('mine'), { code: 'ENDPOINT_CLOSED', details: { endpoint: 'x' } });
  },
} satisfies Record<string, () => unknown>;

/** Ends in one of many ways, without waiting for anything. */
export default function outcome({ which }: OutcomesArgs): unknown {
  return outcomes[which]();
}
