/**
 * What a schema library offers to others, after https://standardschema.dev: zod, valibot, arktype and many more have it. Core
 * needs none of them; a schema written by hand will do.
 *
 * @example
 * ```ts run
 * import { IterableQueue, memory, type StandardSchema } from '@millrace/core';
 *
 * const positive: StandardSchema<number> = {
 *   '~standard': {
 *     version: 1,
 *     vendor: 'by hand',
 *     validate: (value) =>
 *       typeof value === 'number' && value > 0 ? { value } : { issues: [{ message: 'must be positive' }] },
 *   },
 * };
 * const queue = new IterableQueue({ transport: memory(), schema: positive }); // of numbers
 * await queue.producer().put(1);
 * ```
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Judges a value, and gives what becomes of it, or what is wrong with it. */
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For types only. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes. */
export type InputOf<Schema> = Schema extends StandardSchema<infer Input, unknown> ? Input : never;
/** What comes of it. */
export type OutputOf<Schema> = Schema extends StandardSchema<unknown, infer Output> ? Output : never;
