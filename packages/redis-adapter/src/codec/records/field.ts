/** Fields in a record, and bytes in the name of one: as many as MessagePack says in one byte with the kind. */
export const MOST_FIELDS = 15;
const MOST_BYTES = 31;
/** Fields that are remembered in all, and that may follow upon one: beyond, records are not alike. */
const MOST_KNOWN = 512;
const MOST_NEXT = 8;

/** MessagePack's first bytes of a map and of a text with few of them. */
export const MAP = 0x80;
export const TEXT = 0xa0;

/**
 * A field behind certain others, in some of the records that came by: together they are a tree, in which a path is the names of a
 * record's fields. To follow a record through it takes one comparison for each field, where it is like the ones before.
 */
export class Field {
  /** From the first field to this one. */
  readonly names: readonly string[];
  /** The last of these as MessagePack writes it: a byte with its length, and its text. */
  readonly bytes: Uint8Array;
  private readonly known: { count: number };
  private next: Field | undefined;
  private readonly others: Field[] = [];

  constructor(names: readonly string[] = [], known = { count: 0 }) {
    this.names = names;
    this.known = known;
    const name = names.at(-1) ?? '';
    this.bytes = Uint8Array.of(TEXT | name.length, ...Array.from(name, (letter) => letter.charCodeAt(0)));
  }

  /** The field of that name behind this one; undefined where names are not to be remembered. */
  behind(name: string): Field | undefined {
    const { next } = this;
    if (next?.names[this.names.length] === name) return next;
    return this.others.find(({ names }) => names.at(-1) === name) ?? this.grow(name);
  }

  /** The same by the bytes that are there. */
  behindBytes(bytes: Uint8Array, at: number): Field | undefined {
    const { next } = this;
    if (next?.stands(bytes, at) === true) return next;
    const other = this.others.find((field) => field.stands(bytes, at));
    if (other !== undefined) return other;
    const length = bytes[at]! - TEXT;
    if (length < 0 || length > MOST_BYTES) return undefined;
    return this.grow(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length)));
  }

  /** Whether these bytes are its name. */
  stands(bytes: Uint8Array, at: number): boolean {
    const own = this.bytes;
    for (let i = 0; i < own.length; i++) if (own[i] !== bytes[at + i]) return false;
    return true;
  }

  private grow(name: string): Field | undefined {
    const { names, known, others } = this;
    if (names.length === MOST_FIELDS || known.count === MOST_KNOWN || others.length === MOST_NEXT || !isShort(name)) return undefined;
    known.count++;
    const field = new Field([...names, name], known);
    if (this.next === undefined) this.next = field;
    else others.push(field);
    return field;
  }
}

/** In ASCII, and no name that means something else to an object. */
function isShort(name: string): boolean {
  if (name.length > MOST_BYTES || name === '__proto__') return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 0x7f) return false;
  return true;
}
