/** Makes one item, and fails of the next. */
export default function* fails() {
  yield 1;
  throw new RangeError('nobody hears of it');
}
