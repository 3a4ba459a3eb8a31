import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';

export interface DeepArgs {
  readonly title: string;
  readonly list: readonly [number, { readonly out: ProducerEndpoint<string> }];
  readonly byName: ReadonlyMap<string, { readonly source: ConsumerEndpoint<number> }>;
  readonly all: ReadonlySet<ProducerEndpoint<string>>;
  readonly twice: {
    readonly one: ProducerEndpoint<string>;
    readonly other: ProducerEndpoint<string>;
  };
  readonly when: Date;
  readonly error: Error;
  readonly self?: unknown;
}

/** Uses endpoints from wherever in its arguments they are, and reports what it got beside them. */
export default async function deep(args: DeepArgs) {
  const { list, byName, all, twice } = args;
  await list[1].out.put('from an array');
  for (const out of all) await out.put('from a Set');
  await twice.one.put('first');
  await twice.other.put('second');
  let sum = 0;
  for await (const n of byName.get('numbers')?.source ?? []) sum += n;
  return {
    sum,
    title: args.title,
    same: twice.one === twice.other,
    isItself: args.self === args,
    when: args.when,
    error: args.error,
  };
}
