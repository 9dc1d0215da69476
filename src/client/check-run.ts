/**
 * Owns the verification of a torrent's data from checked options to report: find the files, hash every piece whose bytes
 * are all there on all cores, compare.
 */
import { isAbsolute } from 'node:path';
import { rangeEqual } from '../base/bytes.ts';
import { InputError } from '../base/input-error.ts';
import { FilePool } from '../disk/file-pool.ts';
import { PLACE_NONE } from '../disk/file-table.ts';
import {
  createHashResults,
  type HashPlan,
  type HashResults,
  PIECE_HASHED,
  PIECE_SKIPPED,
} from '../disk/hash-plan.ts';
import { SCRATCH_LENGTH } from '../disk/limits.ts';
import { PieceCheck } from '../disk/piece-check.ts';
import { Storage } from '../disk/storage.ts';
import { NodeCrypto } from '../node/crypto.ts';
import { NodeFileSystem } from '../node/file-system.ts';
import { hashPieces } from '../node/hash-pool.ts';
import type { FileSystemError } from '../ports/file-system.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import { parseMetainfo } from '../protocol/metainfo/parse-metainfo.ts';
import {
  type CheckEntries,
  checkEntries,
  checkPlan,
  expectedRoots,
  type FoundFiles,
  findFiles,
} from './check-plan.ts';
import { createReport, PIECE_BAD, PIECE_GOOD, PIECE_MISSING } from './check-report.ts';
import type { CheckReport, CheckTorrentOptions } from './check-torrent.ts';
import { hashError, reasonOf } from './hash-error.ts';

/** Enough for the few pieces that are looked at outside the pool. */
const OPEN_FILES = 4;

/** See `checkTorrent`. */
export async function runCheck(options: CheckTorrentOptions): Promise<CheckReport> {
  const metainfo = parseMetainfo(options.metainfo, new NodeCrypto());
  const entries = checkEntries(metainfo, options.directory);
  try {
    refuseBadDirectory(options.directory);
    const found = await findFiles(entries.spec, options.signal);
    return await new CheckRun(options, metainfo, entries, found).run();
  } catch (error) {
    throw hashError(error);
  }
}

class CheckRun {
  readonly #options: CheckTorrentOptions;
  readonly #metainfo: Metainfo;
  readonly #entries: CheckEntries;
  readonly #found: FoundFiles;
  readonly #fileSystem = new NodeFileSystem();
  readonly #storage: Storage;
  readonly #plan: HashPlan;
  readonly #results: HashResults;
  /** By path; made when it is needed. */
  #entryOf: Map<string | null, number> | null = null;

  constructor(options: CheckTorrentOptions, metainfo: Metainfo, entries: CheckEntries, found: FoundFiles) {
    this.#options = options;
    this.#metainfo = metainfo;
    this.#entries = entries;
    this.#found = found;
    // To a download only an unwanted file may have bytes kept aside; here that is one of which there is no file.
    const files = entries.spec.files.map((file, index) => ({
      ...file,
      isWanted: !file.isPadding && found.place[index] !== PLACE_NONE,
    }));
    const pool = new FilePool(this.#fileSystem, OPEN_FILES);
    this.#storage = new Storage(0, { ...entries.spec, files }, this.#fileSystem, pool);
    this.#storage.files.table.place.set(found.place);
    this.#storage.files.table.storedLength.set(found.storedLength);
    this.#plan = checkPlan(metainfo, entries.spec, found);
    this.#results = createHashResults(this.#plan, this.#storage.layout.pieceCount);
  }

  async run(): Promise<CheckReport> {
    const { layout, presence } = this.#storage;
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      if (!presence.isPresent(piece)) this.#results.states[piece] = PIECE_SKIPPED;
    }
    await this.#hash();
    const pieces = this.#compare();
    // v2 has no pieces that files share, so no bytes are kept aside.
    if (this.#metainfo.infoHashV2 === null) this.#checkKeptAside(pieces);
    return createReport(this.#metainfo, this.#entries, this.#found, layout, pieces);
  }

  async #hash(): Promise<void> {
    const { layout } = this.#storage;
    let totalBytes = 0;
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      if (this.#results.states[piece] !== PIECE_SKIPPED) totalBytes += layout.lengthOfPiece(piece);
    }
    let hashedBytes = 0;
    const report = (): void => this.#options.onProgress?.({ hashedBytes, totalBytes });
    report();
    if (totalBytes === 0) return;
    await hashPieces({
      plan: this.#plan,
      results: this.#results,
      pieceCount: layout.pieceCount,
      workerCount: this.#options.workerCount,
      signal: this.#options.signal,
      onUnreadable: (error) => this.#onUnreadable(error),
      onBytes: (count) => {
        hashedBytes = Math.min(hashedBytes + count, totalBytes);
        report();
      },
    });
  }

  #onUnreadable({ path, code }: FileSystemError): void {
    this.#entryOf ??= new Map(this.#found.paths.map((known, entry) => [known, entry]));
    const entry = this.#entryOf.get(path);
    if (entry !== undefined) this.#found.errors.set(entry, reasonOf(code));
  }

  /** One of the states of `check-report.ts` for each piece. */
  #compare(): Uint8Array {
    const { layout } = this.#storage;
    const { sha1, pieceRoots, states } = this.#results;
    const roots = expectedRoots(this.#metainfo, this.#entries, layout);
    const pieces = new Uint8Array(layout.pieceCount).fill(PIECE_MISSING);
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      if (states[piece] !== PIECE_HASHED) continue;
      const isGood =
        (sha1.length === 0 || rangeEqual(sha1, this.#metainfo.pieceHashes, 20 * piece, 20 * piece + 20)) &&
        (pieceRoots.length === 0 || rangeEqual(pieceRoots, roots, 32 * piece, 32 * piece + 32));
      pieces[piece] = isGood ? PIECE_GOOD : PIECE_BAD;
    }
    return pieces;
  }

  /** Pieces whose unwanted bytes a download has put aside (`parts-file.ts`). There are few: two a file at most. */
  #checkKeptAside(pieces: Uint8Array): void {
    const { files, parts, presence } = this.#storage;
    parts.load();
    const crypto = new NodeCrypto();
    let check: PieceCheck | null = null;
    for (let piece = 0; piece < pieces.length; piece++) {
      if (this.#results.states[piece] !== PIECE_SKIPPED || !parts.has(piece) || !presence.isPresent(piece))
        continue;
      check ??= new PieceCheck(this.#storage, crypto, new Uint8Array(SCRATCH_LENGTH));
      check.start(piece);
      let matches = check.step();
      while (matches === null) matches = check.step();
      if (matches) pieces[piece] = PIECE_GOOD;
    }
    files.closeAll();
  }
}

function refuseBadDirectory(directory: string): void {
  if (!isAbsolute(directory) || directory.includes('\0')) {
    throw new InputError(
      'bad-option',
      `option directory is ${JSON.stringify(directory)}, not an absolute path`,
    );
  }
  const status = new NodeFileSystem().status(directory);
  if (status === null) throw new InputError('not-found', `there is no folder ${directory}`);
  if (status.kind !== 'directory') throw new InputError('not-a-directory', `${directory} is not a folder`);
}
