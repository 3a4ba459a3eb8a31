/** A rule broken on purpose. */
export interface Defect {
  /** The rule that it breaks. */
  readonly rule: string;
  /** Below packages/core/src. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly about: string;
  /** Names of targets that must notice it, any of them. Default: memory. */
  readonly targets?: readonly string[];
}
