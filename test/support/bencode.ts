/**
 * Owns the little bencode that tests need to make .torrent files and tracker answers, written apart from the program's
 * own codec so that one error cannot hide in both.
 */

export type Bencodable =
  | number
  | string
  | Uint8Array
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable };

/** Canonical bencode: keys in byte order (BEP 3). Text is UTF-8. */
export function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return byteString(Buffer.from(value));
  if (value instanceof Uint8Array) return byteString(value);
  if (isList(value)) return Buffer.concat([Buffer.from('l'), ...value.map(bencode), Buffer.from('e')]);
  const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const parts = keys.flatMap((key) => [bencode(key), bencode(value[key]!)]);
  return Buffer.concat([Buffer.from('d'), ...parts, Buffer.from('e')]);
}

/** The exact bytes of the value of `key` in the dictionary that `bytes` is. */
export function rawValue(bytes: Uint8Array, key: string): Buffer {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 1; source[at] !== CHARACTER_E; ) {
    const keyEnd = endOfValue(source, at);
    const valueEnd = endOfValue(source, keyEnd);
    if (source.toString('latin1', source.indexOf(':', at) + 1, keyEnd) === key) {
      return source.subarray(keyEnd, valueEnd);
    }
    at = valueEnd;
  }
  throw new Error(`no key ${key}`);
}

const CHARACTER_E = 0x65;

function isList(value: object): value is readonly Bencodable[] {
  return Array.isArray(value);
}

function byteString(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes]);
}

function endOfValue(source: Buffer, start: number): number {
  const first = String.fromCharCode(source[start] ?? 0);
  if (first === 'i') return source.indexOf('e', start) + 1;
  if (first === 'l' || first === 'd') {
    let at = start + 1;
    while (source[at] !== CHARACTER_E) at = endOfValue(source, at);
    return at + 1;
  }
  const colon = source.indexOf(':', start);
  const length = Number(source.toString('latin1', start, colon));
  if (!Number.isInteger(length) || colon < 0) throw new Error(`bad bencode at ${start}`);
  return colon + 1 + length;
}
