import type { ConsumerContext } from '@millrace/core';

/** Ends its worker when it is first told to. */
export default function fragile(
  [item]: readonly string[],
  { deliveries }: ConsumerContext,
): string {
  if (item === 'end' && deliveries[0]?.attempt === 1) self.close();
  return item!;
}
