/** A module that cannot be loaded. */
export default class Broken {
  work(): number {
    return 1;
  }
}

throw new RangeError('broken from the start');
