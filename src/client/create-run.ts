/**
 * Owns the making of a torrent from checked options to bytes: list, lay out, hash, write, and read again what was
 * written, so that nothing leaves that this project would not read.
 */
import { isAbsolute } from 'node:path';
import { InputError } from '../base/input-error.ts';
import { toHex } from '../base/text.ts';
import { createHashResults, type HashPlan } from '../disk/hash-plan.ts';
import { NodeCrypto } from '../node/crypto.ts';
import { hashPieces } from '../node/hash-pool.ts';
import { type ListedFile, type Listing, listFiles } from '../node/list-files.ts';
import {
  type CreateEntry,
  type CreateFile,
  compareFiles,
  layOut,
} from '../protocol/metainfo/create-files.ts';
import { createMetainfo, type MetainfoParts } from '../protocol/metainfo/create-metainfo.ts';
import { FileLayout } from '../protocol/metainfo/file-layout.ts';
import {
  MAX_FILES,
  MAX_METAINFO_BYTES,
  MAX_PIECES,
  MAX_SOURCES,
  MAX_TEXT_BYTES,
} from '../protocol/metainfo/metainfo-limits.ts';
import { parseMetainfo } from '../protocol/metainfo/parse-metainfo.ts';
import { autoPieceLength, isCreatablePieceLength } from '../protocol/metainfo/piece-length.ts';
import { utf8ByteLength } from '../protocol/metainfo/safe-name.ts';
import { usableTrackerUrl, usableWebSeedUrl } from '../protocol/metainfo/usable-url.ts';
import type { CreatedTorrent, CreateTorrentOptions, TorrentFormat } from './create-torrent.ts';
import { hashError } from './hash-error.ts';
import { userAgent } from './version.ts';

type Sources = Pick<MetainfoParts, 'trackers' | 'webSeeds' | 'comment' | 'createdBy' | 'createdAt'>;

/** See `createTorrent`. */
export async function runCreate(options: CreateTorrentOptions): Promise<CreatedTorrent> {
  const sources = checkOptions(options);
  const listing = await listFiles(options.path, options.exclude ?? [], options.signal);
  const listed = listing.files.toSorted(compareFiles);
  const totalBytes = listed.reduce((sum, file) => sum + file.length, 0);
  if (totalBytes === 0) throw nothingIn(options.path, listing);
  const format = options.format ?? 'v1';
  const pieceLength = pieceLengthFor(options.pieceLength ?? 'auto', totalBytes);
  const files = listed.map(createFile);
  const entries = layOut(files, pieceLength, format);
  const hashes = await hash(options, listed, entries, pieceLength, format, totalBytes);
  const info = {
    format,
    name: listing.name,
    isSingleFile: listing.isSingleFile,
    pieceLength,
    files,
    entries,
    pieceHashes: hashes.sha1,
    isPrivate: options.isPrivate ?? false,
    source: options.source ?? null,
  };
  const crypto = new NodeCrypto();
  const metainfo = createMetainfo({ info, pieceRoots: hashes.pieceRoots, ...sources }, crypto);
  if (metainfo.length > MAX_METAINFO_BYTES) {
    throw new InputError('too-large', 'the torrent would be too large; take longer pieces or fewer files');
  }
  const parsed = parseMetainfo(metainfo, crypto);
  return {
    metainfo,
    name: parsed.name,
    infoHashV1: parsed.infoHashV1 === null ? null : toHex(parsed.infoHashV1),
    infoHashV2: parsed.infoHashV2 === null ? null : toHex(parsed.infoHashV2),
    pieceLength,
    pieceCount: parsed.pieceCount,
    fileCount: files.length,
    totalBytes,
    isSingleFile: parsed.isSingleFile,
  };
}

async function hash(
  options: CreateTorrentOptions,
  files: readonly ListedFile[],
  entries: readonly CreateEntry[],
  pieceLength: number,
  format: TorrentFormat,
  totalBytes: number,
): Promise<{ sha1: Uint8Array; pieceRoots: Uint8Array }> {
  if (entries.length > MAX_FILES) {
    throw new InputError(
      'too-many-files',
      `there are more than ${MAX_FILES} files and paddings, too many for a torrent`,
    );
  }
  const plan: HashPlan = {
    pieceLength,
    paths: entries.map(({ file }) => (file === null ? null : files[file]!.path)),
    lengths: Float64Array.from(entries, ({ length }) => length),
    modifiedAt: Float64Array.from(entries, ({ file }) => (file === null ? 0 : files[file]!.modifiedAt)),
    withSha1: format !== 'v2',
    withSha256: format !== 'v1',
  };
  const { pieceCount } = new FileLayout(plan.lengths, pieceLength);
  if (pieceCount > MAX_PIECES) {
    throw new InputError(
      'too-many-pieces',
      `there would be ${pieceCount} pieces, too many for a torrent; take longer ones`,
    );
  }
  const results = createHashResults(plan, pieceCount);
  let hashedBytes = 0;
  options.onProgress?.({ hashedBytes, totalBytes });
  try {
    await hashPieces({
      plan,
      results,
      pieceCount,
      workerCount: options.workerCount,
      signal: options.signal,
      onBytes: (count) => {
        hashedBytes += count;
        options.onProgress?.({ hashedBytes, totalBytes });
      },
    });
  } catch (error) {
    throw hashError(error);
  }
  return results;
}

function createFile({ parts, length, isExecutable }: ListedFile): CreateFile {
  // Hidden is an attribute of some file systems that Node cannot read; a dot in front is only a name.
  return { parts, length, isExecutable, isHidden: false };
}

function pieceLengthFor(wanted: number | 'auto', totalBytes: number): number {
  if (wanted === 'auto') return autoPieceLength(totalBytes);
  if (!isCreatablePieceLength(wanted)) {
    throw new InputError(
      'bad-piece-length',
      `the piece length is ${wanted}, not a power of two from 16 KiB to 256 MiB`,
    );
  }
  return wanted;
}

function nothingIn(path: string, listing: Listing): InputError {
  if (listing.files.length === 0) return new InputError('nothing', `there are no files in ${path}`);
  const what = listing.isSingleFile ? `${path} is empty` : `all files in ${path} are empty`;
  return new InputError('nothing', `${what}; a torrent needs at least one byte`);
}

function checkOptions(options: CreateTorrentOptions): Sources {
  if (!isAbsolute(options.path))
    throw bad('path', `is ${JSON.stringify(options.path)}, not an absolute path`);
  if (options.path.includes('\0')) throw bad('path', 'contains a NUL character');
  if (options.pieceLength !== undefined) pieceLengthFor(options.pieceLength, 1);
  if (!['v1', 'v2', 'hybrid', undefined].includes(options.format)) {
    throw bad('format', `is ${String(options.format)}, not v1, v2 or hybrid`);
  }
  const { createdAt = new Date(), createdBy = userAgent() } = options;
  return {
    trackers: urls('tracker', options.trackers, usableTrackerUrl, 'an http, https or udp URL'),
    webSeeds: urls('web seed', options.webSeeds, usableWebSeedUrl, 'an http or https URL'),
    comment: shortText('comment', options.comment ?? null),
    createdBy: shortText('createdBy', createdBy),
    createdAt: createdAt === null ? null : Math.floor(createdAt.getTime() / 1000),
  };
}

function urls(
  what: string,
  given: readonly string[] = [],
  usable: (text: string) => string | null,
  kind: string,
): string[] {
  if (given.length > MAX_SOURCES) throw bad(what, `is given more than ${MAX_SOURCES} times`);
  const unique = new Set<string>();
  for (const text of given) {
    const url = usable(text);
    if (url === null) throw new InputError('bad-url', `the ${what} '${text}' is not ${kind}`);
    unique.add(url);
  }
  return [...unique];
}

function shortText(what: string, text: string | null): string | null {
  if (text !== null && utf8ByteLength(text) > MAX_TEXT_BYTES)
    throw bad(what, `is longer than ${MAX_TEXT_BYTES} bytes`);
  return text;
}

function bad(name: string, what: string): InputError {
  return new InputError('bad-option', `option ${name} ${what}`);
}
