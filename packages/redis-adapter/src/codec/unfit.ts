/** What a value cannot be carried for. A codec that knows the place names it. */
export class Unfit extends Error {
  readonly path: string | undefined;

  constructor(what: string, path?: string) {
    super(what);
    this.path = path;
  }
}
