import type { StandardSchema } from '@millrace/core';
import * as v from 'valibot';
import { z } from 'zod';

export interface Order {
  readonly dish: string;
  readonly count: number;
}

/** Orders of 1 to 9 dishes, as three libraries say it. */
export const orders: Readonly<Record<string, StandardSchema<Order>>> = {
  zod: z.object({ dish: z.string(), count: z.number().min(1).max(9) }),
  valibot: v.object({ dish: v.string(), count: v.pipe(v.number(), v.minValue(1), v.maxValue(9)) }),
  'zod, taking time': z.object({
    dish: z.string().refine(() => Promise.resolve(true)),
    count: z.number().min(1).max(9),
  }),
  'valibot, taking time': v.objectAsync({
    dish: v.pipeAsync(
      v.string(),
      v.checkAsync(() => Promise.resolve(true)),
    ),
    count: v.pipe(v.number(), v.minValue(1), v.maxValue(9)),
  }),
};

/** Counts written as text, made into numbers. */
export const counts: Readonly<Record<string, StandardSchema<string, number>>> = {
  zod: z.string().transform(Number).pipe(z.number().min(1)),
  valibot: v.pipe(v.string(), v.transform(Number), v.minValue(1)),
  'valibot, taking time': v.pipeAsync(
    v.string(),
    v.transformAsync((text) => Promise.resolve(Number(text))),
    v.minValue(1),
  ),
};

/** A schema written by hand. */
export function byHand<In, Out>(
  validate: StandardSchema<In, Out>['~standard']['validate'],
): StandardSchema<In, Out> {
  return { '~standard': { version: 1, vendor: 'by hand', validate } };
}

/** A check whose end each test decides on. */
export function gated(): { readonly schema: StandardSchema<string>; open(value: string): void } {
  const waiting = new Map<unknown, () => void>();
  return {
    schema: byHand(
      (value) =>
        new Promise((resolve) => {
          waiting.set(value, () => {
            resolve(
              value === 'bad' ? { issues: [{ message: 'is bad' }] } : { value: value as string },
            );
          });
        }),
    ),
    open: (value) => {
      waiting.get(value)?.();
    },
  };
}
