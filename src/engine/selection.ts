/**
 * Owns what the person wants of a torrent: which files, which pieces, and how many bytes that is.
 *
 * A piece is wanted when it holds a byte of a wanted file; padding is never wanted for itself.
 */
import { BitSet } from '../base/bit-set.ts';
import { InputError } from '../base/input-error.ts';
import type { StorageSpec } from '../ports/disk.ts';
import type { FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';

export interface Selection {
  /** One entry a file. */
  readonly isWanted: readonly boolean[];
  readonly pieces: BitSet;
  /** Bytes of the wanted files. */
  readonly wantedBytes: number;
}

/** Throws `InputError` for an index that is no file and for an empty selection. */
export function selectFiles(
  metainfo: Metainfo,
  layout: FileLayout,
  selected: readonly number[] | null,
): Selection {
  const isWanted = metainfo.files.map((file) => selected === null && !file.isPadding);
  for (const index of selected ?? []) {
    const file = metainfo.files[index];
    if (file === undefined) {
      throw new InputError('bad-selection', `file ${index} does not exist in ${metainfo.name}`);
    }
    isWanted[index] = !file.isPadding;
  }
  if (metainfo.files.length > 0 && !isWanted.includes(true)) {
    throw new InputError('bad-selection', `no file of ${metainfo.name} is selected`);
  }
  const pieces = new BitSet(layout.pieceCount);
  let wantedBytes = 0;
  for (let file = 0; file < isWanted.length; file++) {
    if (!isWanted[file]) continue;
    wantedBytes += layout.fileLength(file);
    for (let piece = layout.firstPieceOf(file); piece < layout.endPieceOf(file); piece++) pieces.add(piece);
  }
  return { isWanted, pieces, wantedBytes };
}

/** What the disk must know. `infoHash` in hexadecimal names the parts file; `partsDirectory` null puts it to the files. */
export function storageSpec(
  metainfo: Metainfo,
  selection: Selection,
  infoHash: string,
  directory: string,
  partsDirectory: string | null,
  overwrite: boolean,
): StorageSpec {
  return {
    directory,
    files: metainfo.files.map((file, index) => ({
      path: file.path,
      length: file.length,
      isPadding: file.isPadding,
      isWanted: selection.isWanted[index]!,
      isExecutable: file.isExecutable,
      symlinkTarget: file.symlinkTarget,
    })),
    pieceLength: metainfo.pieceLength,
    pieceHashes: metainfo.pieceHashes,
    partsPath: partsDirectory === null ? `.${infoHash}.spate-parts` : `${infoHash}.parts`,
    partsDirectory,
    overwrite,
  };
}
