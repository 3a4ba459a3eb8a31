/** A class that lacks what its kind must have. */
export default class Idle {
  onStart(): void {
    // nothing to do
  }
}
