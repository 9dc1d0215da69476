/**
 * Owns the v1 part of an info dictionary: the list of files and the hashes of the pieces (BEP 3, 47).
 */
import { exactTextOf, type Field } from './field.ts';
import { MAX_FILES, MAX_PART_BYTES, MAX_PIECES, MAX_TOTAL_LENGTH } from './metainfo-limits.ts';
import { type RawFile, readAttributes, readLength, readParts } from './raw-file.ts';
import { MAX_PATH_DEPTH } from './safe-path.ts';

export interface V1Part {
  readonly files: readonly RawFile[];
  readonly isSingleFile: boolean;
  /** 20 bytes a piece; a view. */
  readonly pieceHashes: Uint8Array;
  readonly pieceCount: number;
}

const SHA1_LENGTH = 20;

/** Reads and checks the v1 part. `name` is the torrent's, as it states it. */
export function readV1Part(info: Field, name: string, pieceLength: number): V1Part {
  const list = info.get('files');
  const isSingleFile = list === null;
  if (!isSingleFile && info.get('length') !== null) info.fail('has both "length" and "files"');
  const files = isSingleFile ? [readFile(info, [name], MAX_TOTAL_LENGTH)] : readList(list);
  const total = files.reduce((sum, file) => sum + file.length, 0);
  const pieces = info.require('pieces');
  const pieceHashes = pieces.requireBytes();
  if (pieceHashes.length % SHA1_LENGTH !== 0) {
    pieces.fail(`is ${pieceHashes.length} bytes long, which is no multiple of ${SHA1_LENGTH}`);
  }
  const pieceCount = pieceHashes.length / SHA1_LENGTH;
  if (pieceCount > MAX_PIECES) pieces.fail(`has more than ${MAX_PIECES} hashes`);
  const expected = Math.ceil(total / pieceLength);
  if (pieceCount !== expected) {
    pieces.fail(`has ${pieceCount} hashes, but ${total} bytes in pieces of ${pieceLength} need ${expected}`);
  }
  return { files, isSingleFile, pieceHashes, pieceCount };
}

function readList(list: Field): RawFile[] {
  const items = list.requireList();
  if (items.length === 0) list.fail('is empty');
  if (items.length > MAX_FILES) list.fail(`has more than ${MAX_FILES} files`);
  const files: RawFile[] = [];
  let left = MAX_TOTAL_LENGTH;
  for (let i = 0; i < items.length; i++) {
    const field = list.at(items[i]!, i).requireDictionary();
    const file = readFile(field, null, left);
    left -= file.length;
    files.push(file);
  }
  return files;
}

/** `parts` null: the dictionary has a path of its own. `most` is how long the file may be. */
function readFile(field: Field, parts: readonly string[] | null, most: number): RawFile {
  const attributes = readAttributes(field);
  const length = readLength(field, attributes.linkParts !== null, most);
  return {
    field,
    parts: parts ?? readPath(field, attributes.isPadding, length),
    length,
    ...attributes,
    piecesRoot: null,
  };
}

function readPath(field: Field, isPadding: boolean, length: number): string[] {
  const path = field.get('path');
  // The path of padding is a custom, not a duty (BEP 47).
  if (path === null && isPadding) return ['.pad', String(length)];
  return readUtf8Parts(field) ?? readParts(field.require('path'));
}

/**
 * Old torrents give names in a local encoding as `path` and in UTF-8 beside it. Null unless the latter is
 * good.
 */
function readUtf8Parts(field: Field): string[] | null {
  const items = field.node.get('path.utf-8')?.items() ?? [];
  if (items.length === 0 || items.length >= MAX_PATH_DEPTH) return null;
  const parts: string[] = [];
  for (const item of items) {
    const part = exactTextOf(item, MAX_PART_BYTES);
    if (part === null) return null;
    parts.push(part);
  }
  return parts;
}
