import type { ConsumerEndpoint, ProducerEndpoint } from '@millrace/core';
import { countSchema } from './count-schema.ts';

interface Args {
  readonly texts: ConsumerEndpoint<string>;
  readonly counts: ProducerEndpoint<number>;
}

/** Says its schema to both of its endpoints, once they have refused to be used without it. */
export default async function checks({ texts, counts }: Args) {
  const codes: unknown[] = [];
  for (const use of [() => texts.get(), async () => counts.put(1)])
    await use().catch((error: unknown) => codes.push((error as { code?: unknown }).code));
  const checked = counts.checked(countSchema);
  for await (const count of texts.checked(countSchema)) {
    await checked.put(String(count));
    try {
      await checked.put(String(-count));
    } catch (error) {
      codes.push((error as { code?: unknown }).code);
    }
  }
  return codes;
}
