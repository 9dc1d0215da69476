/**
 * Owns the simulated world's own bencode writer (BEP 3), so that what it tells the engine does not come from the code
 * under test.
 */
import { toUtf8 } from '../base/text.ts';

export type BencodeValue =
  | string
  | number
  | Uint8Array
  | readonly BencodeValue[]
  | { readonly [key: string]: BencodeValue };

/** The bencoding of `value`; keys are sorted, which for ASCII keys is their order as bytes. */
export function encodeBencode(value: BencodeValue): Uint8Array {
  const parts: Uint8Array[] = [];
  append(value, parts);
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function append(value: BencodeValue, parts: Uint8Array[]): void {
  if (typeof value === 'number') parts.push(toUtf8(`i${value}e`));
  else if (typeof value === 'string') append(toUtf8(value), parts);
  else if (value instanceof Uint8Array) parts.push(toUtf8(`${value.length}:`), value);
  else if (isList(value)) {
    parts.push(toUtf8('l'));
    for (const item of value) append(item, parts);
    parts.push(toUtf8('e'));
  } else {
    parts.push(toUtf8('d'));
    for (const key of Object.keys(value).sort()) {
      append(key, parts);
      append(value[key]!, parts);
    }
    parts.push(toUtf8('e'));
  }
}

function isList(value: BencodeValue): value is readonly BencodeValue[] {
  return Array.isArray(value);
}
