/**
 * Owns the info dictionary of a new torrent: v1 (BEP 3), v2 (BEP 52) and hybrid, with the attributes of BEP 47.
 *
 * Byte for byte what libtorrent writes for the same files, piece length and flags, so that a torrent that somebody else
 * makes of the same files joins the same swarm.
 */
import { assert } from '../../base/assert.ts';
import type { BencodeValue } from '../bencode/write-bencode.ts';
import type { CreateEntry, CreateFile, TorrentFormat } from './create-files.ts';

export interface InfoParts {
  readonly format: TorrentFormat;
  /** Of the file or the top folder. */
  readonly name: string;
  readonly isSingleFile: boolean;
  readonly pieceLength: number;
  /** In order; a single file has its name as its only part. */
  readonly files: readonly CreateFile[];
  /** The files and their padding as `layOut` gives them. */
  readonly entries: readonly CreateEntry[];
  /** SHA-1 of each piece, 20 bytes each; not looked at for v2. */
  readonly pieceHashes: Uint8Array;
  /** Merkle root of each file, null for empty ones; not looked at for v1. */
  readonly roots: readonly (Uint8Array | null)[];
  readonly isPrivate: boolean;
  readonly source: string | null;
}

type Dictionary = Map<string, BencodeValue>;

export function createInfo(parts: InfoParts): Dictionary {
  const info: Dictionary = new Map<string, BencodeValue>([
    ['name', parts.name],
    ['piece length', parts.pieceLength],
  ]);
  if (parts.format !== 'v2') addV1(info, parts);
  if (parts.format !== 'v1') {
    info.set('file tree', fileTree(parts));
    info.set('meta version', 2);
  }
  if (parts.isPrivate) info.set('private', 1);
  if (parts.source !== null) info.set('source', parts.source);
  return info;
}

function addV1(info: Dictionary, parts: InfoParts): void {
  if (parts.isSingleFile) {
    const file = parts.files[0]!;
    addAttributes(info, file);
    info.set('length', file.length);
  } else info.set('files', fileList(parts));
  info.set('pieces', parts.pieceHashes);
}

function fileList(parts: InfoParts): BencodeValue[] {
  return parts.entries.map(({ file: index, length }) => {
    const entry: Dictionary = new Map<string, BencodeValue>([['length', length]]);
    if (index === null) {
      entry.set('attr', 'p');
      entry.set('path', ['.pad', String(length)]);
    } else {
      const file = parts.files[index]!;
      addAttributes(entry, file);
      entry.set('path', file.parts);
    }
    return entry;
  });
}

function fileTree(parts: InfoParts): Dictionary {
  const tree: Dictionary = new Map();
  for (const [index, file] of parts.files.entries()) {
    let folder = tree;
    for (const part of file.parts) folder = subfolder(folder, part);
    folder.set('', properties(file, parts.roots[index] ?? null));
  }
  return tree;
}

function subfolder(folder: Dictionary, name: string): Dictionary {
  const found = folder.get(name);
  if (found instanceof Map) return found as Dictionary;
  const made: Dictionary = new Map();
  folder.set(name, made);
  return made;
}

function properties(file: CreateFile, root: Uint8Array | null): Dictionary {
  const entry: Dictionary = new Map<string, BencodeValue>([['length', file.length]]);
  addAttributes(entry, file);
  assert((root === null) === (file.length === 0), 'every file but an empty one has a root');
  if (root !== null) entry.set('pieces root', root);
  return entry;
}

function addAttributes(entry: Dictionary, file: CreateFile): void {
  const letters = `${file.isHidden ? 'h' : ''}${file.isExecutable ? 'x' : ''}`;
  if (letters !== '') entry.set('attr', letters);
}
