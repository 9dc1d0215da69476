/**
 * Owns the parts file: the bytes of unwanted files that share a piece with a wanted one, so that the piece
 * can be verified and its neighbours need no file of their own.
 *
 * Layout: records of equal size, each a header (magic, piece index; 32 bits, little-endian) and room for one
 * piece, in which only the unwanted bytes are filled. Compact whatever the torrent's size, self-describing,
 * and in need of no order of writes: the piece's hash alone says whether a record is good, so headers are
 * believed only that far.
 */
import type { FileHandle } from '../ports/file-system.ts';
import { FileSystemError } from '../ports/file-system.ts';
import { parentOf } from './file-names.ts';
import type { StoredFiles } from './stored-files.ts';

const HEADER_LENGTH = 8;
const MAGIC = 0x31545053; // "SPT1"
/** What the pool calls the parts file; files count from 0. */
export const PARTS_KEY = -1;

export class PartsFile {
  readonly #files: StoredFiles;
  readonly #pieceCount: number;
  readonly #recordLength: number;
  /** Number of the record that holds a piece's bytes. */
  readonly #records = new Map<number, number>();
  #recordCount = 0;
  #exists = false;

  constructor(files: StoredFiles, pieceCount: number) {
    this.#files = files;
    this.#pieceCount = pieceCount;
    this.#recordLength = HEADER_LENGTH + files.spec.pieceLength;
  }

  /** True when the unwanted bytes of `piece` are here rather than in their files. */
  has(piece: number): boolean {
    return this.#records.has(piece);
  }

  get exists(): boolean {
    return this.#exists;
  }

  /** The pieces that have a record. */
  pieces(): Iterable<number> {
    return this.#records.keys();
  }

  /** Lets go of a record that did not verify. */
  forget(piece: number): void {
    this.#records.delete(piece);
  }

  /** Reads which pieces an existing file holds. Throws `FileSystemError`. */
  load(): void {
    this.#records.clear();
    this.#recordCount = 0;
    const path = this.#files.names.parts;
    const status = this.#files.fileSystem.status(path);
    this.#exists = status !== null;
    this.#files.stamps.stamp(this.#files.stamps.parts, status);
    if (status === null) return;
    if (status.kind !== 'file') throw new FileSystemError('foreign-data', 'look at', path);
    const header = new DataView(new ArrayBuffer(HEADER_LENGTH));
    const target = [new Uint8Array(header.buffer)];
    this.#recordCount = Math.ceil(status.length / this.#recordLength);
    const handle = this.#handle('read');
    for (let record = 0; record < this.#recordCount; record++) {
      if (handle.read(record * this.#recordLength, target) < HEADER_LENGTH) return;
      const piece = header.getUint32(4, true);
      if (header.getUint32(0, true) === MAGIC && piece < this.#pieceCount) this.#records.set(piece, record);
    }
  }

  /** Writes `sources` to `begin` in `piece`. Throws `FileSystemError`. */
  write(piece: number, begin: number, sources: readonly Uint8Array[]): void {
    let record = this.#records.get(piece);
    const handle = this.#handle('create');
    this.#files.stamps.onWritten(this.#files.stamps.parts);
    if (record === undefined) {
      record = this.#recordCount;
      const header = new DataView(new ArrayBuffer(HEADER_LENGTH));
      header.setUint32(0, MAGIC, true);
      header.setUint32(4, piece, true);
      handle.write(record * this.#recordLength, [new Uint8Array(header.buffer)]);
      this.#records.set(piece, record);
      this.#recordCount++;
    }
    handle.write(this.#position(record, begin), sources);
  }

  /** Fills `targets` from `begin` in a piece that is here; the bytes read. Throws `FileSystemError`. */
  read(piece: number, begin: number, targets: readonly Uint8Array[]): number {
    return this.#handle('read').read(this.#position(this.#records.get(piece)!, begin), targets);
  }

  /**
   * Removes the file, and its folder when that is left empty and is not the person's. Throws
   * `FileSystemError`.
   */
  remove(): void {
    this.#records.clear();
    this.#recordCount = 0;
    if (!this.#exists) return;
    const { fileSystem, names, pool, open } = this.#files;
    pool.close(open, PARTS_KEY);
    fileSystem.remove(names.parts);
    this.#exists = false;
    this.#files.stamps.onRemoved(this.#files.stamps.parts);
    const folder = parentOf(names.parts);
    if (folder !== names.directory) fileSystem.removeDirectory(folder);
  }

  #position(record: number, begin: number): number {
    return record * this.#recordLength + HEADER_LENGTH + begin;
  }

  #handle(mode: 'read' | 'create'): FileHandle {
    const { names, pool, open } = this.#files;
    const found = pool.find(open, PARTS_KEY, mode === 'create');
    if (found !== null) return found;
    if (mode === 'create') this.#files.makeFolderOf(names.parts);
    const handle = pool.open(open, PARTS_KEY, names.parts, mode);
    this.#exists = true;
    return handle;
  }
}
