/**
 * Owns small .torrent files for tests, encoded here so that a bug in our own encoder cannot hide one in our
 * decoder.
 */
import { createHash } from 'node:crypto';

type Value = number | string | Uint8Array | readonly Value[] | { readonly [key: string]: Value };

/** The bencoding of `value` (BEP 3). */
export function bencode(value: Value): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return bencode(Buffer.from(value));
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  if (Array.isArray(value)) return Buffer.concat([Buffer.from('l'), ...value.map(bencode), Buffer.from('e')]);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = entries.flatMap(([key, item]) => [bencode(key), bencode(item)]);
  return Buffer.concat([Buffer.from('d'), ...parts, Buffer.from('e')]);
}

export interface TorrentParts {
  readonly name?: string;
  /** Content by path; one file named like the torrent without it. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly content?: Uint8Array;
  readonly pieceLength?: number;
  readonly trackers?: readonly string[];
}

/** A v1 torrent and its info hash in hexadecimal. */
export function torrentFile(parts: TorrentParts = {}): { bytes: Buffer; infoHash: string } {
  const { name = 'example', pieceLength = 16_384 } = parts;
  const all = parts.files
    ? Buffer.concat(Object.values(parts.files))
    : (parts.content ?? Buffer.from('hello'));
  const hashes: Buffer[] = [];
  for (let at = 0; at < all.length; at += pieceLength) {
    hashes.push(
      createHash('sha1')
        .update(all.subarray(at, at + pieceLength))
        .digest(),
    );
  }
  const common = { name, 'piece length': pieceLength, pieces: Buffer.concat(hashes) };
  const info: Value = parts.files
    ? {
        ...common,
        files: Object.entries(parts.files).map(([path, bytes]) => ({
          length: bytes.length,
          path: path.split('/'),
        })),
      }
    : { ...common, length: all.length };
  const trackers: { readonly [key: string]: Value } = parts.trackers
    ? { announce: parts.trackers[0]!, 'announce-list': [parts.trackers] }
    : {};
  const infoHash = createHash('sha1').update(bencode(info)).digest('hex');
  return { bytes: bencode({ ...trackers, info }), infoHash };
}
