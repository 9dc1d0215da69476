/**
 * Owns the hashing of a range of pieces in one pass over the bytes: SHA-1 of each piece across the borders of files
 * (BEP 3), the root over its SHA-256 leaves (BEP 52), or both.
 *
 * Memory is one read buffer and the leaves of one piece, whatever the torrent. Hot file: nothing is allocated for a
 * block. Invariant: with SHA-256 each file starts at a piece, so the leaves of a file lie at multiples of 16 KiB of the
 * buffer.
 */
import type { Crypto } from '../ports/crypto.ts';
import type { FileSystem } from '../ports/file-system.ts';
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import { MERKLE_HASH_LENGTH, type Sha256Into } from '../protocol/metainfo/merkle.ts';
import { type HashPlan, type HashResults, PIECE_HASHED } from './hash-plan.ts';
import { PieceLeaves } from './piece-leaves.ts';
import { PieceSha1, SHA1_LENGTH } from './piece-sha1.ts';
import { PlanReader } from './plan-reader.ts';

/** Bytes of one read: so many that its own cost vanishes, so few that they stay in a processor's cache. */
const READ_LENGTH = 1 << 20;

/** The digests that this needs. */
export type BulkDigests = Sha256Into & Pick<Crypto, 'sha1' | 'createSha1'>;

export interface BulkHasherOptions {
  readonly plan: HashPlan;
  /** That of the plan's lengths. */
  readonly layout: FileLayout;
  readonly results: HashResults;
  readonly fileSystem: FileSystem;
  readonly digests: BulkDigests;
  /** Told of every stretch of a file that was hashed. */
  readonly onBytes: (bytes: number) => void;
}

export class BulkHasher implements ExtentVisitor {
  readonly #plan: HashPlan;
  readonly #layout: FileLayout;
  readonly #results: HashResults;
  readonly #reader: PlanReader;
  readonly #onBytes: (bytes: number) => void;
  readonly #buffer = new Uint8Array(READ_LENGTH);
  /** The same memory, four bytes at a time. */
  readonly #words = new Int32Array(this.#buffer.buffer);
  readonly #sha1: PieceSha1 | null;
  readonly #leaves: PieceLeaves | null;
  #piece = 0;
  /** Bytes that the piece still needs. */
  #left = 0;
  /** Length of the file that the piece's leaves belong to. */
  #fileLength = 0;

  constructor(options: BulkHasherOptions) {
    const { plan, digests } = options;
    this.#plan = plan;
    this.#layout = options.layout;
    this.#results = options.results;
    this.#reader = new PlanReader(plan, options.fileSystem);
    this.#onBytes = options.onBytes;
    this.#sha1 = plan.withSha1 ? new PieceSha1(digests) : null;
    this.#leaves = plan.withSha256 ? new PieceLeaves(plan.pieceLength, this.#buffer, digests) : null;
  }

  /**
   * Hashes the pieces from `first` up to but without `end`, at least one, and marks them. Throws `FileSystemError`; then
   * none is marked.
   */
  hash(first: number, end: number): void {
    const from = this.#layout.pieceOffset(first);
    const to = this.#layout.pieceOffset(end - 1) + this.#layout.lengthOfPiece(end - 1);
    this.#startPiece(first);
    try {
      this.#layout.forEachExtentAt(from, to - from, this);
      this.#reader.close();
    } catch (error) {
      this.#reader.abandon();
      throw error;
    }
    this.#results.states.fill(PIECE_HASHED, first, end);
  }

  onExtent(file: number, fileOffset: number, length: number): void {
    if (this.#plan.paths[file] === null) {
      this.#takePadding(length);
      return;
    }
    this.#fileLength = this.#plan.lengths[file]!;
    for (let done = 0; done < length; done += READ_LENGTH) {
      const count = Math.min(READ_LENGTH, length - done);
      this.#reader.read(file, fileOffset + done, this.#range(0, count));
      this.#take(count);
      this.#onBytes(count);
    }
  }

  /** Takes the first `count` bytes of the buffer, piece by piece. */
  #take(count: number): void {
    const areZeros = this.#areZeros(count);
    for (let at = 0; at < count; ) {
      const part = Math.min(count - at, this.#left);
      if (areZeros) this.#sha1?.updateWithZeros(part);
      else this.#sha1?.update(this.#range(at, part));
      this.#leaves?.add(at, part, areZeros);
      this.#advance(part);
      at += part;
    }
  }

  /** Padding of a v1 torrent may be anywhere and of any length; it is no part of any tree. */
  #takePadding(length: number): void {
    for (let left = length; left > 0; ) {
      const part = Math.min(left, this.#left);
      this.#sha1?.updateWithZeros(part);
      this.#advance(part);
      left -= part;
    }
  }

  #advance(count: number): void {
    this.#left -= count;
    if (this.#left > 0) return;
    this.#sha1?.finish(this.#results.sha1, this.#piece * SHA1_LENGTH);
    this.#leaves?.finish(this.#fileLength, this.#results.pieceRoots, this.#piece * MERKLE_HASH_LENGTH);
    if (this.#piece + 1 < this.#layout.pieceCount) this.#startPiece(this.#piece + 1);
  }

  #startPiece(piece: number): void {
    this.#piece = piece;
    this.#left = this.#layout.lengthOfPiece(piece);
    this.#sha1?.start(this.#left);
    this.#leaves?.start();
  }

  #range(at: number, count: number): Uint8Array {
    return count === READ_LENGTH ? this.#buffer : this.#buffer.subarray(at, at + count);
  }

  #areZeros(count: number): boolean {
    const words = count >>> 2;
    for (let i = 0; i < words; i++) if (this.#words[i] !== 0) return false;
    for (let i = words << 2; i < count; i++) if (this.#buffer[i] !== 0) return false;
    return true;
  }
}
