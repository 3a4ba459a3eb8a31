/** A consumer that is a function. */
export default function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
