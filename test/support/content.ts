/**
 * Owns the torrents that tests download: what is in them and the metainfo that describes it.
 *
 * Generated content is a function of a seed word and an offset, so that a file of any size can be written, served by a
 * scripted peer, and compared, without being kept: the bytes are the key stream of AES-128 in counter mode,
 * which can start anywhere and comes at about 2 GiB/s.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bencode, rawValue } from './bencode.ts';

const CIPHER_BLOCK = 16;
const STEP = 4 * 1024 * 1024;
const ZEROS = Buffer.alloc(STEP);

/** Bytes by offset. */
export interface ByteSource {
  /** `length` bytes from `offset`; the buffer may be changed by the caller. */
  read(offset: number, length: number): Buffer;
  /** True when the range is known to hold nothing but zeros: such pieces are hashed once. */
  isZero?(offset: number, length: number): boolean;
}

export interface ContentFile {
  /** Relative to the download directory: `NAME` or `NAME/…`. */
  readonly path: string;
  readonly length: number;
  readonly offset: number;
}

export interface TorrentContent {
  readonly name: string;
  readonly files: readonly ContentFile[];
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly totalLength: number;
  readonly source: ByteSource;
  /** The bencoded info dictionary. */
  readonly infoDictionary: Buffer;
  readonly infoHash: Buffer;
  /** `infoHash` in lower-case hexadecimal. */
  readonly infoHashHex: string;
}

/** Pseudo-random bytes, the same for the same `seed`. */
export class GeneratedBytes implements ByteSource {
  readonly #key: Buffer;

  constructor(seed: string) {
    this.#key = createHash('sha256').update(seed).digest().subarray(0, 16);
  }

  read(offset: number, length: number): Buffer {
    const skip = offset % CIPHER_BLOCK;
    const counter = Buffer.alloc(CIPHER_BLOCK);
    counter.writeBigUInt64BE(BigInt((offset - skip) / CIPHER_BLOCK), 8);
    const cipher = createCipheriv('aes-128-ctr', this.#key, counter);
    const wanted = skip + length;
    return cipher.update(wanted <= STEP ? ZEROS.subarray(0, wanted) : Buffer.alloc(wanted)).subarray(skip);
  }
}

/** Bytes that are zero but for the ranges `[start, end)`, where they come from `source`. */
export class MostlyZeroBytes implements ByteSource {
  readonly #ranges: readonly (readonly [number, number])[];
  readonly #source: ByteSource;

  constructor(ranges: readonly (readonly [number, number])[], source: ByteSource) {
    this.#ranges = ranges;
    this.#source = source;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (const [start, end] of this.#ranges) {
      const from = Math.max(start, offset);
      const to = Math.min(end, offset + length);
      if (from < to) this.#source.read(from, to - from).copy(bytes, from - offset);
    }
    return bytes;
  }

  isZero(offset: number, length: number): boolean {
    return this.#ranges.every(([start, end]) => end <= offset || start >= offset + length);
  }
}

class MemoryBytes implements ByteSource {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(offset: number, length: number): Buffer {
    return Buffer.from(this.#bytes.subarray(offset, offset + length));
  }
}

export interface ContentPlan {
  readonly name: string;
  readonly pieceLength: number;
  readonly source: ByteSource;
  /** Paths below the top folder; a single file named `name` when it is a number of bytes. */
  readonly files: number | readonly { readonly path: string; readonly length: number }[];
}

/** Hashes the planned content and describes it as a v1 torrent. */
export function makeContent(plan: ContentPlan): TorrentContent {
  const { name, pieceLength, source } = plan;
  const isSingle = typeof plan.files === 'number';
  const parts = typeof plan.files === 'number' ? [{ path: '', length: plan.files }] : plan.files;
  const files: ContentFile[] = [];
  let totalLength = 0;
  for (const { path, length } of parts) {
    files.push({ path: isSingle ? name : `${name}/${path}`, length, offset: totalLength });
    totalLength += length;
  }
  const shape =
    typeof plan.files === 'number'
      ? { length: plan.files }
      : { files: plan.files.map((file) => ({ length: file.length, path: file.path.split('/') })) };
  const pieces = hashPieces(source, totalLength, pieceLength);
  const infoDictionary = bencode({ name, 'piece length': pieceLength, pieces, ...shape });
  const pieceCount = pieces.length / 20;
  return { name, files, pieceLength, pieceCount, totalLength, source, ...identify(infoDictionary) };
}

/** One generated file. */
export function generateFile(name: string, length: number, pieceLength: number, seed = name): TorrentContent {
  return makeContent({ name, pieceLength, source: new GeneratedBytes(seed), files: length });
}

/**
 * A generated tree of `fileCount` files in folders of ten: many small ones, some empty, one in eight larger than
 * a piece, so that pieces span files and files span pieces.
 */
export function generateTree(name: string, fileCount: number, pieceLength: number): TorrentContent {
  const files = Array.from({ length: fileCount }, (_, i) => ({
    path: `folder ${Math.floor(i / 10)}/file-${i}.bin`,
    length: treeFileLength(i, pieceLength),
  }));
  return makeContent({ name, pieceLength, source: new GeneratedBytes(name), files });
}

function treeFileLength(index: number, pieceLength: number): number {
  if (index % 16 === 5) return 0;
  if (index % 8 === 3) return pieceLength + 7919 * (index % 13) + 1;
  return 1 + ((index * 7907) % 9973);
}

/** Everything below `directory`, as it is now, as a torrent named `name`. For small folders: it is kept in memory. */
export function contentOfFolder(directory: string, name: string, pieceLength: number): TorrentContent {
  const paths = listFiles(directory);
  const bytes = paths.map((path) => readFileSync(join(directory, path)));
  const files = paths.map((path, i) => ({ path, length: bytes[i]!.length }));
  return makeContent({ name, pieceLength, source: new MemoryBytes(Buffer.concat(bytes)), files });
}

/** Relative paths of all files below `directory`, sorted, joined with `/`. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** The .torrent file, with trackers in tiers (BEP 12). */
export function torrentFile(content: TorrentContent, tiers: readonly (readonly string[])[] = []): Buffer {
  return withTrackers(content.infoDictionary, tiers);
}

/** The .torrent file `bytes` of somebody else with other trackers; its info dictionary stays as it is. */
export function replaceTrackers(bytes: Uint8Array, tiers: readonly (readonly string[])[]): Buffer {
  return withTrackers(rawValue(bytes, 'info'), tiers);
}

/** Info hash of a .torrent file in hexadecimal. */
export function infoHashOf(bytes: Uint8Array): string {
  return createHash('sha1').update(rawValue(bytes, 'info')).digest('hex');
}

/** Writes the content below `directory`, as a seed needs it. */
export function writeContent(content: TorrentContent, directory: string): void {
  for (const file of content.files) {
    const path = join(directory, file.path);
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(path, 'w');
    for (let at = 0; at < file.length; at += STEP) {
      writeSync(descriptor, content.source.read(file.offset + at, Math.min(STEP, file.length - at)));
    }
    closeSync(descriptor);
  }
}

/** Length of piece `piece`; the last may be short. */
export function lengthOfPiece(content: TorrentContent, piece: number): number {
  return Math.min(content.pieceLength, content.totalLength - piece * content.pieceLength);
}

function withTrackers(infoDictionary: Buffer, tiers: readonly (readonly string[])[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from('d')];
  const first = tiers[0]?.[0];
  if (first !== undefined) {
    parts.push(bencode('announce'), bencode(first), bencode('announce-list'), bencode(tiers));
  }
  parts.push(bencode('info'), infoDictionary, Buffer.from('e'));
  return Buffer.concat(parts);
}

function identify(infoDictionary: Buffer) {
  const infoHash = createHash('sha1').update(infoDictionary).digest();
  return { infoDictionary, infoHash, infoHashHex: infoHash.toString('hex') };
}

function hashPieces(source: ByteSource, totalLength: number, pieceLength: number): Buffer {
  const digests: Buffer[] = [];
  const zeroDigests = new Map<number, Buffer>();
  for (let start = 0; start < totalLength; start += pieceLength) {
    const length = Math.min(pieceLength, totalLength - start);
    const isZero = source.isZero?.(start, length) === true;
    const digest = (isZero ? zeroDigests.get(length) : undefined) ?? hashRange(source, start, start + length);
    if (isZero) zeroDigests.set(length, digest);
    digests.push(digest);
  }
  return Buffer.concat(digests);
}

function hashRange(source: ByteSource, start: number, end: number): Buffer {
  const hash = createHash('sha1');
  for (let at = start; at < end; at += STEP) hash.update(source.read(at, Math.min(STEP, end - at)));
  return hash.digest();
}
