/** A function that is neither a generator nor gives anything to iterate. */
export default function noLoop(): number {
  return 1;
}
