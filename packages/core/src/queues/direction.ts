import { MillraceError } from '../errors/error.js';

/**
 * Makes calls that belong to the other kind of endpoint a coded error, for callers whose types were not checked. The types
 * know nothing of these methods.
 */
export function refuse(endpoint: { readonly prototype: object }, kind: string, other: string, methods: readonly string[]): void {
  for (const method of methods)
    Object.defineProperty(endpoint.prototype, method, {
      configurable: true,
      value(this: { readonly id: string }): never {
        throw new MillraceError(
          'WRONG_DIRECTION',
          `Endpoint ${this.id} is a ${kind} and has no ${method}(). Open a ${other} from the queue for that.`,
          { endpoint: this.id, method },
        );
      },
    });
}
