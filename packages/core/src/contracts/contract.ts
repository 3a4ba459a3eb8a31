import { MillraceError, type ValueIssue } from '../errors/error.js';
import { show } from '../transport/spec.js';
import type { SchemaIssue, StandardSchema } from './standard-schema.js';

/** What a contract says of a value: what becomes of it, or the error that says why it is refused. */
export type Verdict = { readonly value: unknown; readonly error?: undefined } | { readonly error: MillraceError };

export function isKnown(verdict: Verdict | Promise<Verdict>): verdict is Verdict {
  return !('then' in verdict);
}

/** Throws what is wrong with it. */
export function valueOf(verdict: Verdict): unknown {
  if (verdict.error !== undefined) throw verdict.error;
  return verdict.value;
}

/** Throws `BAD_OPTION` for what is none. */
export function checkSchema(schema: StandardSchema<unknown, unknown>, option = 'schema'): StandardSchema<unknown, unknown> {
  const standard = (schema as Partial<StandardSchema> | null | undefined)?.['~standard'];
  if (typeof standard?.validate === 'function') return schema;
  throw new MillraceError('BAD_OPTION', `Option ${option} is ${show(schema)}; it must be a Standard Schema, such as one of zod, valibot or arktype.`, {
    option,
  });
}

/** Says of values whether they are good. */
export interface Judge {
  /** `what` begins the error's text, and `where` is among its details. */
  judge(value: unknown, what: string, where: Readonly<Record<string, unknown>>): Verdict | Promise<Verdict>;
}

/** Both have to agree: the second judges what became of the value. */
export function bothOf(first: Judge, second: Judge): Judge {
  return {
    judge: (value, what, where) => {
      const next = (verdict: Verdict): Verdict | Promise<Verdict> =>
        verdict.error === undefined ? second.judge(verdict.value, what, where) : verdict;
      const verdict = first.judge(value, what, where);
      return isKnown(verdict) ? next(verdict) : verdict.then(next);
    },
  };
}

/** A schema that values are judged by. */
export class Contract implements Judge {
  private readonly schema: StandardSchema<unknown, unknown>;
  private readonly keeps: boolean;

  /** @param keeps - values are judged only, and stay as they are whatever the schema makes of them. */
  constructor(schema: StandardSchema<unknown, unknown>, keeps = false) {
    this.schema = checkSchema(schema);
    this.keeps = keeps;
  }

  judge(value: unknown, what: string, where: Readonly<Record<string, unknown>>): Verdict | Promise<Verdict> {
    const failed = (error: unknown): Verdict => ({ error: invalid(what, [{ message: `the schema failed: ${text(error)}` }], where, error) });
    const judged = (result: { readonly value?: unknown; readonly issues?: readonly SchemaIssue[] | undefined }): Verdict =>
      result.issues === undefined ? { value: this.keeps ? value : result.value } : { error: invalid(what, result.issues, where) };
    try {
      const result = this.schema['~standard'].validate(value);
      // Not by its class: a schema may come from another realm.
      return 'then' in result ? Promise.resolve(result).then(judged).catch(failed) : judged(result);
    } catch (error) {
      return failed(error);
    }
  }
}

/** How many issues are told in an error's text; all are in its details. */
const SHOWN = 3;

function invalid(what: string, found: readonly SchemaIssue[], where: Readonly<Record<string, unknown>>, cause?: unknown): MillraceError {
  const issues: ValueIssue[] = found.map(({ message, path }) => ({ path: pathOf(path), message }));
  const shown = issues.slice(0, SHOWN).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  if (issues.length > SHOWN) shown.push(`and ${String(issues.length - SHOWN)} more`);
  return new MillraceError('VALUE_INVALID', `${what} does not match its schema: ${shown.join('; ')}.`, { ...where, issues }, cause);
}

function pathOf(path: SchemaIssue['path'] = []): string {
  return path
    .map((part) => {
      const key = typeof part === 'object' ? part.key : part;
      if (typeof key !== 'string') return `[${String(key)}]`;
      return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    })
    .join('');
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
