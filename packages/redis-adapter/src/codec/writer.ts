/** Bytes that grow at the end. */
export class ByteWriter {
  bytes: Buffer;
  view: DataView;
  position = 0;

  constructor(size = 8192) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for so many more bytes. */
  room(more: number): void {
    const needed = this.position + more;
    if (needed <= this.bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.position));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Lets go of much larger space than that; nothing may be written yet. */
  shrink(size: number): void {
    if (this.bytes.length <= size) return;
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer);
  }

  append(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** A copy of what was written from there on. */
  cut(from = 0): Buffer {
    const copy = Buffer.allocUnsafe(this.position - from);
    copy.set(this.bytes.subarray(from, this.position));
    return copy;
  }
}
