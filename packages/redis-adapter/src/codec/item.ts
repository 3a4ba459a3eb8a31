import type { ItemHeaders } from '@millrace/core';

/** An item as it lies in Redis, of which only clients read more than the length. */
export interface ReadItem {
  readonly value: unknown;
  readonly headers: ItemHeaders | undefined;
}
