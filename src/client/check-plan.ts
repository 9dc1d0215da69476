/**
 * Owns what a check knows before it hashes: where the bytes of a torrent should lie, which of its files are there under
 * which name, and what each piece should hash to.
 */
import { BitSet } from '../base/bit-set.ts';
import { toHex } from '../base/text.ts';
import { FileNames } from '../disk/file-names.ts';
import { PLACE_FINAL, PLACE_INCOMPLETE, PLACE_NONE } from '../disk/file-table.ts';
import type { HashPlan } from '../disk/hash-plan.ts';
import { SHA1_LENGTH } from '../disk/piece-sha1.ts';
import { storageSpec } from '../engine/selection.ts';
import { NodeFileSystem } from '../node/file-system.ts';
import { standsAt } from '../node/stands-at.ts';
import type { StorageFile, StorageSpec } from '../ports/disk.ts';
import { FileSystemError } from '../ports/file-system.ts';
import type { FileLayout } from '../protocol/metainfo/file-layout.ts';
import { MERKLE_HASH_LENGTH } from '../protocol/metainfo/merkle.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import { reasonOf } from './hash-error.ts';

/** Files looked at before other work of this thread has its turn. */
const FILES_PER_TURN = 1000;

/** Files and the gaps between them, as stretches one behind the other. */
export interface CheckEntries {
  readonly spec: StorageSpec;
  /** Of each stretch the file in the metainfo; null for gaps and padding. */
  readonly fileOf: readonly (number | null)[];
}

/** What stands on disk for each stretch. */
export interface FoundFiles {
  /** A place of `file-table.ts`. */
  readonly place: Uint8Array;
  readonly storedLength: Float64Array;
  /** Absolute path of what was found; null for nothing. */
  readonly paths: (string | null)[];
  /** By stretch: why it could not be looked at. */
  readonly errors: Map<number, string>;
}

/** Without a v1 part files start at pieces and nothing lies between them (BEP 52): the gap reads as zeros. */
export function checkEntries(metainfo: Metainfo, directory: string): CheckEntries {
  const infoHash = toHex((metainfo.infoHashV1 ?? metainfo.infoHashV2)!);
  const nothing = { isWanted: metainfo.files.map(() => false), pieces: new BitSet(0), wantedBytes: 0 };
  const spec = storageSpec(metainfo, nothing, infoHash, directory, null, false);
  const files: StorageFile[] = [];
  const fileOf: (number | null)[] = [];
  let end = 0;
  for (const [index, file] of metainfo.files.entries()) {
    if (file.offset > end) {
      files.push(gap(file.offset - end));
      fileOf.push(null);
    }
    files.push(spec.files[index]!);
    fileOf.push(file.isPadding ? null : index);
    end = file.offset + file.length;
  }
  // A storage has a SHA-1 for each piece. Those of v2 are never compared.
  const pieceHashes =
    metainfo.infoHashV1 === null ? new Uint8Array(metainfo.pieceCount * SHA1_LENGTH) : spec.pieceHashes;
  return { spec: { ...spec, files, pieceHashes }, fileOf };
}

function gap(length: number): StorageFile {
  return { path: '', length, isPadding: true, isWanted: false, isExecutable: false, symlinkTarget: null };
}

/** Looks for every file, under the name of an unfinished download first, as a download does. */
export async function findFiles(spec: StorageSpec, signal: AbortSignal | undefined): Promise<FoundFiles> {
  const { length } = spec.files;
  const found: FoundFiles = {
    place: new Uint8Array(length),
    storedLength: new Float64Array(length),
    paths: new Array<string | null>(length).fill(null),
    errors: new Map(),
  };
  const names = new FileNames(spec);
  const fileSystem = new NodeFileSystem();
  for (const [index, file] of spec.files.entries()) {
    if (index % FILES_PER_TURN === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    }
    if (file.isPadding) continue;
    try {
      if (file.length > 0) look(found, index, names.incomplete(index), PLACE_INCOMPLETE, fileSystem);
      if (found.place[index] === PLACE_NONE) findFinal(found, index, file, names.final(index), fileSystem);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      found.errors.set(index, reasonOf(error.code));
    }
  }
  return found;
}

function findFinal(
  found: FoundFiles,
  index: number,
  file: StorageFile,
  path: string,
  fileSystem: NodeFileSystem,
): void {
  if (file.symlinkTarget === null) look(found, index, path, PLACE_FINAL, fileSystem);
  else if (standsAt(path)) {
    found.place[index] = PLACE_FINAL;
    found.paths[index] = path;
  }
}

function look(
  found: FoundFiles,
  index: number,
  path: string,
  place: number,
  fileSystem: NodeFileSystem,
): void {
  const status = fileSystem.status(path);
  if (status?.kind !== 'file') return;
  found.place[index] = place;
  found.storedLength[index] = status.length;
  found.paths[index] = path;
}

/** What to hash. Only pieces of files that were found may be hashed. */
export function checkPlan(metainfo: Metainfo, spec: StorageSpec, found: FoundFiles): HashPlan {
  return {
    pieceLength: metainfo.pieceLength,
    paths: found.paths,
    lengths: Float64Array.from(spec.files, (file) => file.length),
    modifiedAt: null,
    withSha1: metainfo.infoHashV1 !== null,
    withSha256: metainfo.infoHashV2 !== null,
  };
}

/** The root that each piece should have, 32 bytes each (BEP 52); empty for v1. */
export function expectedRoots(metainfo: Metainfo, entries: CheckEntries, layout: FileLayout): Uint8Array {
  if (metainfo.infoHashV2 === null) return new Uint8Array(0);
  const roots = new Uint8Array(layout.pieceCount * MERKLE_HASH_LENGTH);
  for (const [entry, index] of entries.fileOf.entries()) {
    if (index === null) continue;
    const { piecesRoot, length } = metainfo.files[index]!;
    if (piecesRoot === null) continue;
    const isShort = length <= metainfo.pieceLength;
    const hashes = isShort ? piecesRoot : metainfo.pieceLayers.get(toHex(piecesRoot))!;
    roots.set(hashes, layout.firstPieceOf(entry) * MERKLE_HASH_LENGTH);
  }
  return roots;
}
