/**
 * Owns the v2 part of an info dictionary: the file tree (BEP 52, attributes of BEP 47).
 *
 * The order of files is the order of keys, so here, unlike elsewhere, keys out of order are refused: two
 * programs could number the pieces differently.
 */
import type { BencodeEntry } from '../bencode/bencode-node.ts';
import { type Field, textOf } from './field.ts';
import { MAX_FILES, MAX_PART_BYTES, MAX_PIECES, MAX_TOTAL_LENGTH } from './metainfo-limits.ts';
import { type RawFile, readAttributes, readLength } from './raw-file.ts';
import { MAX_PATH_DEPTH } from './safe-path.ts';

export interface V2Part {
  readonly files: readonly RawFile[];
  /** The tree is one file, without a folder. */
  readonly isSingleFile: boolean;
  readonly pieceCount: number;
}

const SHA256_LENGTH = 32;

/** Reads and checks the file tree of `info`. */
export function readFileTree(info: Field, pieceLength: number): V2Part {
  const tree = info.require('file tree').requireDictionary();
  const walk = new TreeWalk(pieceLength);
  walk.folder(tree, []);
  const { files, pieceCount } = walk;
  if (files.length === 0) tree.fail('has no files');
  return { files, isSingleFile: files.length === 1 && files[0]!.parts.length === 1, pieceCount };
}

class TreeWalk {
  readonly files: RawFile[] = [];
  pieceCount = 0;
  #left = MAX_TOTAL_LENGTH;
  readonly #pieceLength: number;

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  /** Recursion is bounded by the depth of paths. */
  folder(field: Field, parts: readonly string[]): void {
    const entries = field.node.entries()!;
    let previous: BencodeEntry | null = null;
    for (const entry of entries) {
      const name = textOf(entry.key, MAX_PART_BYTES)!;
      const child = field.at(entry.value, name).requireDictionary();
      if (previous !== null && !comesBefore(previous, entry)) child.fail('is not in the order of keys');
      previous = entry;
      if (entry.key.asBytes()!.length === 0) this.#properties(child, parts, entries.length);
      else {
        // The top folder is one more part.
        if (parts.length + 1 >= MAX_PATH_DEPTH) child.fail(`is deeper than ${MAX_PATH_DEPTH - 1} parts`);
        this.folder(child, [...parts, name]);
      }
    }
  }

  /** An empty key holds what is known of the path so far; with a length or a link target it is a file. */
  #properties(field: Field, parts: readonly string[], siblings: number): void {
    const attributes = readAttributes(field);
    if (attributes.linkParts === null && field.get('length') === null) return;
    if (parts.length === 0) field.fail('makes the root of the file tree a file');
    if (siblings > 1) field.fail('makes a file of what is also a folder');
    if (this.files.length === MAX_FILES) field.fail(`is one of more than ${MAX_FILES} files`);
    const length = readLength(field, attributes.linkParts !== null, this.#left);
    this.#left -= length;
    this.pieceCount += Math.ceil(length / this.#pieceLength);
    if (this.pieceCount > MAX_PIECES) field.fail(`needs more than ${MAX_PIECES} pieces`);
    const piecesRoot = length === 0 ? null : readRoot(field);
    // Files are aligned by themselves here, so nothing is padding whatever its attributes say.
    this.files.push({ field, parts, length, ...attributes, isPadding: false, piecesRoot });
  }
}

function readRoot(file: Field): Uint8Array {
  const field = file.require('pieces root');
  const root = field.requireBytes();
  return root.length === SHA256_LENGTH ? root : field.fail(`is not ${SHA256_LENGTH} bytes long`);
}

function comesBefore(a: BencodeEntry, b: BencodeEntry): boolean {
  const first = a.key.asBytes()!;
  const second = b.key.asBytes()!;
  for (let i = 0; i < first.length && i < second.length; i++) {
    if (first[i] !== second[i]) return first[i]! < second[i]!;
  }
  return first.length < second.length;
}
