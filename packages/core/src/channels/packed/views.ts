type ViewConstructor = new (buffer: ArrayBuffer) => ArrayBufferView;

/** A buffer's tag. */
const BUFFER = 0;
/** From 1 on, their places are their tags: new ones go to the end. */
const VIEWS: readonly ViewConstructor[] = [
  DataView,
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

const TAGS = new Map<unknown, number>([
  [ArrayBuffer.prototype, BUFFER],
  ...VIEWS.map((view, i) => [view.prototype, i + 1] as const),
]);

/** The tag of a buffer, or of a view of a whole buffer; undefined for what else there is. */
export function viewTag(value: object, prototype: unknown): number | undefined {
  const tag = TAGS.get(prototype);
  if (tag === undefined) return undefined;
  const whole = ArrayBuffer.isView(value) ? ownsBuffer(value) : isFixed(value);
  return whole ? tag : undefined;
}

/** A view's bytes, or a buffer's. */
export function bytesOf(value: object): Uint8Array {
  return new Uint8Array(ArrayBuffer.isView(value) ? value.buffer : (value as ArrayBuffer));
}

/** What was read, over a buffer of its own. */
export function makeView(tag: number, buffer: ArrayBuffer): object {
  return tag === BUFFER ? buffer : new VIEWS[tag - 1]!(buffer);
}

/** The view shows its whole buffer, so that nothing is lost when only what it shows is carried. */
export function ownsBuffer(view: ArrayBufferView): boolean {
  return view.byteLength === view.buffer.byteLength && isFixed(view.buffer);
}

/** A buffer that can neither be shared nor change its size. */
function isFixed(buffer: object): boolean {
  return (
    Object.getPrototypeOf(buffer) === ArrayBuffer.prototype &&
    !(buffer as { readonly resizable?: boolean }).resizable
  );
}
