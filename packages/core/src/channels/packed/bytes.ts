/** Most blocks fit, so that the scratch buffer need not grow. */
const FIRST_BYTES = 64 * 1024;
/** A scratch buffer beyond this is given up again when the next block is begun. */
const KEPT_BYTES = 1024 * 1024;
/** From so many bytes on, a view of them costs less than what it saves. */
const MANY = 1024;

/**
 * Where blocks are packed: one buffer, used again by every block. It has views of all of it, since making a view takes as long
 * as writing a dozen numbers. They are other ones after `room`.
 */
export class Writer {
  bytes!: Uint8Array;
  ints!: Int32Array;
  doubles!: Float64Array;
  data!: DataView;
  /** Where the next byte goes. */
  at = 0;
  /** More was asked for than the block may take, so that there is no use in trying another layout. */
  full = false;
  private most = 0;

  constructor() {
    this.use(new ArrayBuffer(FIRST_BYTES));
  }

  begin(most: number): void {
    if (this.bytes.length > KEPT_BYTES) this.use(new ArrayBuffer(FIRST_BYTES));
    this.at = 0;
    this.full = false;
    this.most = most;
  }

  /** Whether there is room for so many more bytes, beside what aligning takes. */
  room(bytes: number): boolean {
    // Aligned columns may begin up to 7 bytes later.
    const end = this.at + bytes + 8;
    if (end <= this.bytes.length) return this.full ? false : this.fits(end);
    if (!this.fits(end)) return false;
    this.grow(end);
    return true;
  }

  /** Room for so many more bytes, or for fewer when a block may not take as many: how many there are. */
  roomUpTo(bytes: number): number {
    const end = Math.min(this.at + bytes + 8, this.most);
    if (end > this.bytes.length) this.grow(end);
    return end - 8 - this.at;
  }

  /** How many bytes more the block may take at the most. */
  left(): number {
    return this.most - this.at;
  }

  /** There was less room than was needed. */
  fail(): false {
    this.full = true;
    return false;
  }

  /** Goes on to where numbers of 8 bytes may begin. What lies between is zero, so that equal blocks are equal bytes. */
  align(): void {
    while (this.at % 8 !== 0) this.bytes[this.at++] = 0;
  }

  /** A number of 4 bytes; aligned, and there is room. */
  int(value: number): void {
    this.ints[this.at >> 2] = value;
    this.at += 4;
  }

  private grow(end: number): void {
    const grown = new ArrayBuffer(Math.max(end + 8, this.bytes.length * 2));
    new Uint8Array(grown).set(this.bytes.subarray(0, this.at));
    this.use(grown);
  }

  private fits(end: number): boolean {
    if (end > this.most) this.full = true;
    return !this.full;
  }

  private use(buffer: ArrayBuffer): void {
    const whole = buffer.byteLength - (buffer.byteLength % 8);
    this.bytes = new Uint8Array(buffer, 0, whole);
    this.ints = new Int32Array(buffer, 0, whole / 4);
    this.doubles = new Float64Array(buffer, 0, whole / 8);
    this.data = new DataView(buffer, 0, whole);
  }
}

/** A block's bytes, from front to back. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly ints: Int32Array;
  /** Where the next byte is. */
  at = 0;
  private view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    // What came over a network may begin anywhere.
    const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
    this.bytes = aligned;
    this.ints = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
  }

  /** Only tagged values need it. */
  get data(): DataView {
    return (this.view ??= new DataView(
      this.bytes.buffer,
      this.bytes.byteOffset,
      this.bytes.length,
    ));
  }

  align(): void {
    this.at = (this.at + 7) & ~7;
  }

  int(): number {
    const value = this.ints[this.at >> 2]!;
    this.at += 4;
    return value;
  }

  /** So many numbers of 8 bytes, from `at` on. */
  doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.bytes.buffer, this.bytes.byteOffset + at, count);
  }

  /** A copy of some bytes that owns its buffer alone, as values do. */
  copy(from: number, to: number): ArrayBuffer {
    const { buffer, byteOffset } = this.bytes;
    if (buffer instanceof ArrayBuffer) return buffer.slice(byteOffset + from, byteOffset + to);
    // That of shared memory would be shared, too. Many bytes are copied faster where they need not be set to zero before.
    return to - from < MANY ? this.bytes.slice(from, to).buffer : new Uint8Array(this.bytes.subarray(from, to)).buffer;
  }
}
