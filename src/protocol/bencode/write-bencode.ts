/**
 * Owns the canonical encoding (BEP 3): keys in raw byte order, numbers without leading zeros. The same values
 * give the same bytes. What cannot be encoded is a mistake of the caller: an assertion, not an error of
 * input.
 */
import { assert } from '../../base/assert.ts';
import { toUtf8 } from '../../base/text.ts';
import { BencodeNode } from './bencode-node.ts';

/**
 * What can be written. Strings and string keys become UTF-8; numbers are whole and at most 2^53 - 1 in size.
 * A `BencodeNode` is written as it was read, byte for byte.
 */
export type BencodeValue =
  | number
  | bigint
  | string
  | Uint8Array
  | readonly BencodeValue[]
  | ReadonlyMap<string | Uint8Array, BencodeValue>
  | BencodeNode;

const LIST = Uint8Array.of(0x6c);
const DICTIONARY = Uint8Array.of(0x64);
const END = Uint8Array.of(0x65);

/** The canonical bytes of `value`. */
export function writeBencode(value: BencodeValue): Uint8Array {
  const parts: Uint8Array[] = [];
  append(parts, value);
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let position = 0;
  for (const part of parts) {
    bytes.set(part, position);
    position += part.length;
  }
  return bytes;
}

function append(parts: Uint8Array[], value: BencodeValue): void {
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value), 'a number in bencode is whole and exact');
    // Minus zero has no encoding of its own: text of -0 is "0".
    parts.push(toUtf8(`i${value}e`));
  } else if (typeof value === 'bigint') parts.push(toUtf8(`i${value}e`));
  else if (typeof value === 'string') appendString(parts, toUtf8(value));
  else if (value instanceof Uint8Array) appendString(parts, value);
  else if (value instanceof BencodeNode) parts.push(value.encoded);
  else if (value instanceof Map) appendDictionary(parts, value);
  else {
    parts.push(LIST);
    for (const item of value as readonly BencodeValue[]) append(parts, item);
    parts.push(END);
  }
}

function appendString(parts: Uint8Array[], bytes: Uint8Array): void {
  parts.push(toUtf8(`${bytes.length}:`), bytes);
}

function appendDictionary(
  parts: Uint8Array[],
  dictionary: ReadonlyMap<string | Uint8Array, BencodeValue>,
): void {
  const entries: { key: Uint8Array; value: BencodeValue }[] = [];
  for (const [key, value] of dictionary) {
    entries.push({ key: typeof key === 'string' ? toUtf8(key) : key, value });
  }
  entries.sort((a, b) => compareBytes(a.key, b.key));
  parts.push(DICTIONARY);
  for (let i = 0; i < entries.length; i++) {
    const { key, value } = entries[i]!;
    assert(i === 0 || compareBytes(entries[i - 1]!.key, key) !== 0, 'a dictionary has each key once');
    appendString(parts, key);
    append(parts, value);
  }
  parts.push(END);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
