/**
 * Owns the scan of bencoded bytes (BEP 3): one pass that validates everything and records where each value
 * lies. No value is decoded or copied; that is for `BencodeNode`.
 *
 * A value is a row of four int32: where it starts, where it ends, where a string's content starts, and the
 * row behind its last descendant, so that a value of any size is stepped over in one step. Rows are in the
 * order of the bytes; a dictionary's children are key, value, key, value.
 *
 * Strictness. Refused is what two readers could understand differently: a key that is there twice, leading
 * zeros, minus zero, a sign or a space in a number. Keys out of order are accepted, because files with them
 * exist and hashes are taken from the original bytes. Invariants: memory is bounded by the limits; the scan
 * does not recurse.
 */
import { BencodeError } from './bencode-error.ts';

/** What a caller is willing to read. */
export interface BencodeLimits {
  /** At most 2^31 - 1. */
  readonly maxBytes: number;
  /** Nested lists and dictionaries. */
  readonly maxDepth: number;
  /** Values, keys included. Each costs 16 bytes. */
  readonly maxItems: number;
}

/** More digits than 2^200 has: no use of bencode needs them, and converting them takes quadratic time. */
const MAX_INTEGER_DIGITS = 64;
/** A length of more digits could not be within {@link BencodeLimits.maxBytes}. */
const MAX_LENGTH_DIGITS = 10;
const ROW = 4;

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const MINUS = 0x2d;
export const BYTE_INTEGER = 0x69;
export const BYTE_LIST = 0x6c;
export const BYTE_DICTIONARY = 0x64;
const BYTE_END = 0x65;

/** An open list or dictionary. */
class Frame {
  row = 0;
  isDictionary = false;
  /** In a dictionary: the next value is a key. */
  expectsKey = false;
  /** In a dictionary: row of the last key, or -1. */
  lastKey = -1;
  /** In a dictionary: the keys ascended so far. */
  isSorted = true;
}

export class BencodeTokens {
  readonly bytes: Uint8Array;
  readonly #limits: BencodeLimits;
  #rows: Int32Array;
  #count = 0;
  /** Frames by depth, used again and again. */
  readonly #frames: Frame[] = [];
  #depth = 0;

  /**
   * Scans the value at the start of `bytes`; throws {@link BencodeError}. What follows it is not looked at.
   */
  constructor(bytes: Uint8Array, limits: BencodeLimits) {
    this.bytes = bytes;
    this.#limits = limits;
    this.#rows = new Int32Array(ROW * Math.min(64, limits.maxItems));
    if (bytes.length > limits.maxBytes) throw new BencodeError('too-large', limits.maxBytes);
    this.#scan();
  }

  get count(): number {
    return this.#count;
  }

  startOf(row: number): number {
    return this.#rows[row * ROW]!;
  }

  /** One more than the offset of the value's last byte. */
  endOf(row: number): number {
    return this.#rows[row * ROW + 1]!;
  }

  /** Where the content of a string starts; it reaches to the value's end. */
  contentOf(row: number): number {
    return this.#rows[row * ROW + 2]!;
  }

  /** The row behind the value and all within it. */
  nextOf(row: number): number {
    return this.#rows[row * ROW + 3]!;
  }

  #scan(): void {
    let position = 0;
    do {
      const byte = this.#byteAt(position);
      const frame = this.#depth > 0 ? this.#frames[this.#depth - 1]! : null;
      if (frame === null) position = this.#value(byte, position);
      else if (byte === BYTE_END) position = this.#close(frame, position);
      else if (frame.expectsKey) position = this.#key(frame, byte, position);
      else {
        frame.expectsKey = frame.isDictionary;
        position = this.#value(byte, position);
      }
    } while (this.#depth > 0);
  }

  #byteAt(position: number): number {
    if (position >= this.bytes.length) throw new BencodeError('unexpected-end', this.bytes.length);
    return this.bytes[position]!;
  }

  #value(byte: number, position: number): number {
    if (byte === BYTE_INTEGER) return this.#integer(position);
    if (byte === BYTE_LIST || byte === BYTE_DICTIONARY) return this.#openFrame(byte, position);
    return this.#string(byte, position);
  }

  #key(frame: Frame, byte: number, position: number): number {
    if (byte === BYTE_INTEGER || byte === BYTE_LIST || byte === BYTE_DICTIONARY) {
      throw new BencodeError('key-not-string', position);
    }
    const end = this.#string(byte, position);
    const key = this.#count - 1;
    if (frame.lastKey >= 0 && frame.isSorted) {
      const order = this.#compareStrings(frame.lastKey, key);
      if (order === 0) throw new BencodeError('duplicate-key', position);
      frame.isSorted = order < 0;
    }
    frame.lastKey = key;
    frame.expectsKey = false;
    return end;
  }

  #openFrame(byte: number, position: number): number {
    if (this.#depth === this.#limits.maxDepth) throw new BencodeError('too-deep', position);
    if (this.#depth === this.#frames.length) this.#frames.push(new Frame());
    const frame = this.#frames[this.#depth++]!;
    frame.row = this.#addRow(position, 0, 0);
    frame.isDictionary = byte === BYTE_DICTIONARY;
    frame.expectsKey = frame.isDictionary;
    frame.lastKey = -1;
    frame.isSorted = true;
    return position + 1;
  }

  #close(frame: Frame, position: number): number {
    // A dictionary that ends behind a key lacks that key's value.
    if (frame.isDictionary && !frame.expectsKey) throw new BencodeError('unexpected-byte', position);
    if (!frame.isSorted) this.#refuseDuplicates(frame.row);
    this.#rows[frame.row * ROW + 1] = position + 1;
    this.#rows[frame.row * ROW + 3] = this.#count;
    this.#depth--;
    return position + 1;
  }

  #integer(start: number): number {
    let position = start + 1;
    const isNegative = this.#byteAt(position) === MINUS;
    if (isNegative) position++;
    const firstDigit = position;
    while (isDigit(this.#byteAt(position))) position++;
    if (this.bytes[position] !== BYTE_END) throw new BencodeError('unexpected-byte', position);
    const digits = position - firstDigit;
    const startsWithZero = this.bytes[firstDigit] === DIGIT_0;
    if (digits === 0 || digits > MAX_INTEGER_DIGITS || (startsWithZero && (digits > 1 || isNegative))) {
      throw new BencodeError('bad-integer', start);
    }
    this.#addRow(start, position + 1, 0);
    return position + 1;
  }

  #string(first: number, start: number): number {
    if (!isDigit(first)) throw new BencodeError('unexpected-byte', start);
    let length = 0;
    let position = start;
    for (; isDigit(this.#byteAt(position)); position++) {
      if (position - start === MAX_LENGTH_DIGITS) throw new BencodeError('bad-length', start);
      length = length * 10 + this.bytes[position]! - DIGIT_0;
    }
    if (this.bytes[position] !== COLON) throw new BencodeError('unexpected-byte', position);
    if (first === DIGIT_0 && position - start > 1) throw new BencodeError('bad-length', start);
    const content = position + 1;
    if (length > this.bytes.length - content) throw new BencodeError('bad-length', start);
    this.#addRow(start, content + length, content);
    return content + length;
  }

  #addRow(start: number, end: number, content: number): number {
    const row = this.#count;
    if (row === this.#limits.maxItems) throw new BencodeError('too-many-items', start);
    if ((row + 1) * ROW > this.#rows.length) {
      const grown = new Int32Array(ROW * Math.min(2 * row, this.#limits.maxItems));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[row * ROW] = start;
    this.#rows[row * ROW + 1] = end;
    this.#rows[row * ROW + 2] = content;
    this.#rows[row * ROW + 3] = row + 1;
    this.#count = row + 1;
    return row;
  }

  /**
   * Negative, zero or positive as string `a` comes before, is, or comes behind string `b` in raw byte order.
   */
  #compareStrings(a: number, b: number): number {
    const aStart = this.contentOf(a);
    const bStart = this.contentOf(b);
    const aLength = this.endOf(a) - aStart;
    const bLength = this.endOf(b) - bStart;
    const common = Math.min(aLength, bLength);
    for (let i = 0; i < common; i++) {
      const difference = this.bytes[aStart + i]! - this.bytes[bStart + i]!;
      if (difference !== 0) return difference;
    }
    return aLength - bLength;
  }

  /** Sorts the keys of a dictionary that is not in order: n log n steps however hostile the keys are. */
  #refuseDuplicates(dictionary: number): void {
    const keys: number[] = [];
    for (let key = dictionary + 1; key < this.#count; key = this.nextOf(key + 1)) keys.push(key);
    keys.sort((a, b) => this.#compareStrings(a, b));
    for (let i = 1; i < keys.length; i++) {
      if (this.#compareStrings(keys[i - 1]!, keys[i]!) === 0) {
        throw new BencodeError('duplicate-key', this.startOf(Math.max(keys[i - 1]!, keys[i]!)));
      }
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= DIGIT_9;
}
