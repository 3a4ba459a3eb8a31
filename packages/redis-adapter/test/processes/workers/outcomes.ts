export interface OutcomesArgs {
  readonly which: keyof typeof outcomes;
}

const outcomes = {
  nothing: () => undefined,
  'at once': () => 7,
  'a function': () => ({ list: [{ done: () => 1 }] }),
  'shared memory': () => ({ at: [new SharedArrayBuffer(4)] }),
  large: () => new Uint8Array(20_000_000).fill(3),
  'throws text': (): never => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- users do
    throw 'only text';
  },
  'throws what cannot be copied': (): never => {
    throw Object.assign(new RangeError('with a socket', { cause: Object.assign(new TypeError('below'), { fn: () => 1 }) }), {
      code: 'E_SOCKET',
      socket: { close: () => undefined },
      shared: new SharedArrayBuffer(4),
      status: 500,
    });
  },
  'throws a large error': (): never => {
    throw Object.assign(new Error('large'), { text: 'x'.repeat(5_000_000) });
  },
  'throws a coded error of ours': (): never => {
    throw Object.assign(new Error('mine'), { code: 'ENDPOINT_CLOSED', details: { endpoint: 'x' } });
  },
} satisfies Record<string, () => unknown>;

/** Ends in one of many ways, without waiting for anything. */
export default function outcome({ which }: OutcomesArgs): unknown {
  return outcomes[which]();
}
