/**
 * Owns the reading of one place in a .torrent file: a value, the path of keys that leads to it, and the
 * sentence for what is wrong there. The path becomes text only when something is wrong.
 */
import { InputError } from '../../base/input-error.ts';
import { fromUtf8, fromUtf8Lossy } from '../../base/text.ts';
import type { BencodeNode } from '../bencode/bencode-node.ts';
import { safeName } from './safe-name.ts';

/** Keys of a hostile file could be long. */
const MAX_SHOWN_KEY_BYTES = 60;

export class Field {
  readonly node: BencodeNode;
  readonly #parent: Field | null;
  /** Key or index in the parent. */
  readonly #step: string | number;

  constructor(node: BencodeNode, parent: Field | null = null, step: string | number = '') {
    this.node = node;
    this.#parent = parent;
    this.#step = step;
  }

  /** The value of `key`, or null when this has no such key. */
  get(key: string): Field | null {
    const node = this.node.get(key);
    return node === null ? null : new Field(node, this, key);
  }

  /** The value of `key`, which has to be there. */
  require(key: string): Field {
    return this.get(key) ?? this.fail(`has no "${key}"`);
  }

  /** The value as a field of what this stands in. */
  at(node: BencodeNode, step: string | number): Field {
    return new Field(node, this, step);
  }

  requireDictionary(): this {
    return this.node.kind === 'dictionary' ? this : this.fail('is not a dictionary');
  }

  requireList(): BencodeNode[] {
    return this.node.items() ?? this.fail('is not a list');
  }

  requireBytes(): Uint8Array {
    return this.node.asBytes() ?? this.fail('is not a string');
  }

  /** A whole number from `least` to `most`. */
  requireNumber(least: number, most: number): number {
    const value = this.node.asNumber();
    if (value === null || value < least || value > most) {
      this.fail(`is not a whole number from ${least} to ${most}`);
    }
    return value;
  }

  /** Ends the reading with an `InputError` that reads "PLACE `what` (byte N)". */
  fail(what: string): never {
    throw new InputError('bad-metainfo', `${this.#path()} ${what} (byte ${this.node.start})`);
  }

  #path(): string {
    if (this.#parent === null) return 'the torrent';
    const isTop = this.#parent.#parent === null;
    const before = isTop ? '' : this.#parent.#path();
    if (typeof this.#step === 'number') return `${before}[${this.#step}]`;
    return `${before}${isTop ? '' : '.'}${safeName(this.#step, MAX_SHOWN_KEY_BYTES)}`;
  }
}

/**
 * Text of at most `maxBytes` from a string; lossy, because names in old encodings are common. Null for
 * another kind.
 */
export function textOf(node: BencodeNode, maxBytes: number): string | null {
  const bytes = node.asBytes();
  if (bytes === null) return null;
  return fromUtf8Lossy(bytes.subarray(0, textEnd(bytes, maxBytes)));
}

/**
 * The text of a string of at most `maxBytes`; null for a longer one, for what is not UTF-8, and for another
 * kind.
 */
export function exactTextOf(node: BencodeNode, maxBytes: number): string | null {
  const bytes = node.asBytes();
  return bytes === null || bytes.length > maxBytes ? null : fromUtf8(bytes);
}

/** Where to cut so that no character is split. */
function textEnd(bytes: Uint8Array, maxBytes: number): number {
  if (bytes.length <= maxBytes) return bytes.length;
  let end = maxBytes;
  while (end > maxBytes - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return end;
}
