/**
 * Owns the view of one bencoded value: what kind it is, where it lies, and access to what is in it. Nothing
 * is decoded before it is asked for, and bytes are lent, not copied: they live as long as the input does.
 *
 * Keys and strings are bytes. Dictionaries are never plain objects, so every key is harmless (`__proto__`
 * too).
 */
import { assert } from '../../base/assert.ts';
import { fromUtf8, fromUtf8Lossy } from '../../base/text.ts';
import { type BencodeTokens, BYTE_DICTIONARY, BYTE_INTEGER, BYTE_LIST } from './bencode-tokens.ts';

export type BencodeKind = 'integer' | 'string' | 'list' | 'dictionary';

/** Up to 15 digits a number is exact without a further look. */
const SURELY_SAFE_DIGITS = 15;

export class BencodeNode {
  readonly #tokens: BencodeTokens;
  readonly #row: number;

  /** For the reader; `row` is a value of `tokens`. */
  constructor(tokens: BencodeTokens, row: number) {
    this.#tokens = tokens;
    this.#row = row;
  }

  get kind(): BencodeKind {
    const byte = this.#tokens.bytes[this.start];
    if (byte === BYTE_DICTIONARY) return 'dictionary';
    if (byte === BYTE_LIST) return 'list';
    return byte === BYTE_INTEGER ? 'integer' : 'string';
  }

  /** Offset of the value's first byte in the input. */
  get start(): number {
    return this.#tokens.startOf(this.#row);
  }

  /** One more than the offset of the value's last byte in the input. */
  get end(): number {
    return this.#tokens.endOf(this.#row);
  }

  /** The exact bytes of the value as they were read; this is what info hashes are made of. A view. */
  get encoded(): Uint8Array {
    return this.#tokens.bytes.subarray(this.start, this.end);
  }

  /** The content of a string as a view, or null for another kind. */
  asBytes(): Uint8Array | null {
    if (this.kind !== 'string') return null;
    return this.#tokens.bytes.subarray(this.#tokens.contentOf(this.#row), this.end);
  }

  /** The content of a string that is valid UTF-8, or null. */
  asText(): string | null {
    const bytes = this.asBytes();
    return bytes === null ? null : fromUtf8(bytes);
  }

  /** The content of a string with U+FFFD for every byte that is not UTF-8, or null for another kind. */
  asTextLossy(): string | null {
    const bytes = this.asBytes();
    return bytes === null ? null : fromUtf8Lossy(bytes);
  }

  /** An integer exactly: a number up to 2^53 - 1 in size, else a bigint; null for another kind. */
  asInteger(): number | bigint | null {
    if (this.kind !== 'integer') return null;
    const bytes = this.#tokens.bytes;
    const isNegative = bytes[this.start + 1] === 0x2d;
    const firstDigit = this.start + (isNegative ? 2 : 1);
    if (this.end - 1 - firstDigit <= SURELY_SAFE_DIGITS) {
      let value = 0;
      for (let at = firstDigit; at < this.end - 1; at++) value = value * 10 + bytes[at]! - 0x30;
      return isNegative ? -value : value;
    }
    let digits = '';
    for (let at = this.start + 1; at < this.end - 1; at++) digits += String.fromCharCode(bytes[at]!);
    const exact = BigInt(digits);
    const rounded = Number(exact);
    return Number.isSafeInteger(rounded) ? rounded : exact;
  }

  /** An integer that a number holds exactly, or null for a greater one or another kind. */
  asNumber(): number | null {
    const value = this.asInteger();
    return typeof value === 'number' ? value : null;
  }

  /** The value of `key` (ASCII) in a dictionary, or null when it has no such key or this is another kind. */
  get(key: string): BencodeNode | null {
    if (this.kind !== 'dictionary') return null;
    const tokens = this.#tokens;
    const end = tokens.nextOf(this.#row);
    for (let row = this.#row + 1; row < end; row = tokens.nextOf(row + 1)) {
      if (isKey(tokens, row, key)) return new BencodeNode(tokens, row + 1);
    }
    return null;
  }

  /** The values of a list in order, or null for another kind. */
  items(): BencodeNode[] | null {
    if (this.kind !== 'list') return null;
    const nodes: BencodeNode[] = [];
    const end = this.#tokens.nextOf(this.#row);
    for (let row = this.#row + 1; row < end; row = this.#tokens.nextOf(row)) {
      nodes.push(new BencodeNode(this.#tokens, row));
    }
    return nodes;
  }

  /** The entries of a dictionary in the order of the input, or null for another kind. Keys are strings. */
  entries(): BencodeEntry[] | null {
    if (this.kind !== 'dictionary') return null;
    const entries: BencodeEntry[] = [];
    const end = this.#tokens.nextOf(this.#row);
    for (let row = this.#row + 1; row < end; row = this.#tokens.nextOf(row + 1)) {
      entries.push({
        key: new BencodeNode(this.#tokens, row),
        value: new BencodeNode(this.#tokens, row + 1),
      });
    }
    return entries;
  }
}

export interface BencodeEntry {
  readonly key: BencodeNode;
  readonly value: BencodeNode;
}

function isKey(tokens: BencodeTokens, row: number, key: string): boolean {
  const content = tokens.contentOf(row);
  if (tokens.endOf(row) - content !== key.length) return false;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    if (code > 0x7f) assert(false, 'keys are looked up by ASCII names');
    if (tokens.bytes[content + i] !== code) return false;
  }
  return true;
}
