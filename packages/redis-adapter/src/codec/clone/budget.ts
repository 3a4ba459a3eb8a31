/** Arrays with holes may have so many more places than an item has bytes. */
const HOLES = 2 ** 20;
/** A longer array with holes takes memory only for what it has. */
const SPARSE = 2 ** 25;
/** What buffers that can grow may together grow to. */
const GROWN = 2 ** 32;
/** What all supported versions of Node write. Older forms have ways of their own, which nobody needs. */
const OLDEST = 15;

/**
 * Throws unless the bytes are V8's words for data, which take no more memory than they pay for. V8 itself makes sure that it
 * reads nothing but its bytes; but it believes of each array how long it will be, and a few hundred such words would end the
 * process. The words are told apart without regard to how they nest, which is V8's to judge.
 */
export function checkBudget(bytes: Uint8Array): void {
  new Words(bytes).check();
}

class Words {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  check(): void {
    const { bytes } = this;
    if (bytes[this.position++] !== 0xff || this.number() < OLDEST) throw new RangeError('It is of no version of V8 that this codec knows.');
    let items = 0;
    let places = 0;
    let grown = 0;
    while (this.position < bytes.length) {
      const word = this.word();
      switch (word) {
        case 'A':
          items += this.number();
          break;
        case 'a': {
          const length = this.number();
          if (length <= SPARSE) places += length;
          break;
        }
        case '~': {
          const length = this.number();
          grown += this.number();
          this.skip(length);
          break;
        }
        default:
          this.operands(word);
      }
    }
    if (this.position > bytes.length) throw new RangeError(`${String(this.position - bytes.length)} bytes are missing.`);
    if (items > bytes.length || places > bytes.length + HOLES || grown > GROWN)
      throw new RangeError(`It has arrays of ${String(items + places)} places, or buffers that grow to ${String(grown)}: too many for ${String(bytes.length)} bytes.`);
  }

  /** Passes what follows a word. */
  private operands(word: string): void {
    switch (word) {
      // Padding, undefined, a hole, null, booleans; where objects, maps and sets begin.
      case '\0':
      case '_':
      case '-':
      case '0':
      case 'T':
      case 'F':
      case 'y':
      case 'x':
      case 'o':
      case ';':
      case "'":
        return;
      // Whole numbers, what was there before, and the ends of what has a length.
      case 'I':
      case 'U':
      case '^':
      case '{':
      case ':':
      case ',':
        this.number();
        return;
      case '@':
      case '$':
        this.number();
        this.number();
        return;
      // Numbers and dates.
      case 'N':
      case 'n':
      case 'D':
        this.skip(8);
        return;
      // Bigints: the lowest bit is the sign.
      case 'Z':
      case 'z':
        this.skip(Math.floor(this.number() / 2));
        return;
      // Text and buffers.
      case '"':
      case 'c':
      case 'S':
      case 'B':
        this.skip(this.number());
        return;
      case 's':
        this.text();
        return;
      case 'R':
        this.text();
        this.number();
        return;
      case '\\':
        this.viewed();
        return;
      default:
        throw new RangeError(`V8 has no word ${JSON.stringify(word)} for data, or it is a newer V8.`);
    }
  }

  private word(): string {
    return String.fromCharCode(this.bytes[this.position++] ?? 0);
  }

  private text(): void {
    let word = this.word();
    while (word === '\0' && this.position < this.bytes.length) word = this.word();
    if (word !== '"' && word !== 'c' && word !== 'S') throw new RangeError('A text is none.');
    this.skip(this.number());
  }

  /** What `ViewSerializer` writes; the buffer of a window is a word of its own. */
  private viewed(): void {
    if (this.number() < 0x100) this.skip(this.number());
    else {
      this.number();
      this.number();
    }
  }

  private skip(bytes: number): void {
    this.position += bytes;
  }

  /** Seven bits in each byte, the lowest first; the highest bit says that more follow. */
  private number(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.bytes[this.position++] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new RangeError('A number is too long.');
  }
}
