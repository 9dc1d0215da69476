/**
 * Owns the order in which commands run: each at once, but reads at the end of their batch, unless a fence
 * runs on its storage; then behind the fence, in order of submission. Snapshots go on beside commands, and
 * end before a fence begins. The synchronous heart of every implementation of the `Disk` port: a worker, or
 * the simulator, feeds it commands and gives it time.
 *
 * Invariants: every command gets its completion, exactly one; a storage waits only while its fence runs;
 * nothing is written to a storage in error or to a verified piece. A write to a verified piece is complete at
 * once: what is in the file is better. Hot file: nothing is allocated for a block.
 */
import { assert } from '../base/assert.ts';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { StorageSpec } from '../ports/disk.ts';
import type { Failure } from '../ports/failure.ts';
import type { FileSystem } from '../ports/file-system.ts';
import type { ResumeData } from '../ports/state-store.ts';
import { CheckFence } from './check-fence.ts';
import { CompletionBatch, type CompletionReceiver } from './completion-batch.ts';
import { failStray } from './fail-stray.ts';
import { failureOf } from './failure-of.ts';
import { FilePool } from './file-pool.ts';
import { HELD_SHARE, MAX_HELD_BLOCKS, MAX_OPEN_FILES, SCRATCH_LENGTH } from './limits.ts';
import { missingBytes } from './missing-bytes.ts';
import { OpenFence } from './open-fence.ts';
import { PieceHasher } from './piece-hasher.ts';
import { ReadBatch } from './read-batch.ts';
import {
  COMMAND_BLOCK_DIGESTS,
  COMMAND_CHECK,
  COMMAND_CLOSE,
  COMMAND_HASH,
  COMMAND_LENGTH,
  COMMAND_OPEN,
  COMMAND_READ,
  COMMAND_RELEASE,
  COMMAND_SNAPSHOT,
  COMMAND_WRITE,
  type Commands,
} from './records.ts';
import { ResumedClaims } from './resumed-claims.ts';
import { Snapshot } from './snapshot.ts';
import { Storage } from './storage.ts';
import { WriteBack } from './write-back.ts';

export interface DiskCoreOptions {
  readonly fileSystem: FileSystem;
  readonly crypto: Crypto;
  /** The arena's views. */
  readonly slots: readonly Uint8Array[];
  readonly receiver: CompletionReceiver;
  readonly maxOpenFiles?: number;
}

const NO_BYTES = new Uint8Array(0);

export class DiskCore {
  readonly #fileSystem: FileSystem;
  readonly #crypto: Crypto;
  readonly #completions: CompletionBatch;
  readonly #pool: FilePool;
  readonly #hasher: PieceHasher;
  readonly #writeBack: WriteBack;
  readonly #reads: ReadBatch;
  readonly #scratch = new Uint8Array(SCRATCH_LENGTH);
  readonly #storages = new Map<number, Storage>();
  /** Storages with a fence or a snapshot, in the order of their turns. */
  #working: Storage[] = [];
  #isClosed = false;

  constructor(options: DiskCoreOptions) {
    this.#fileSystem = options.fileSystem;
    this.#crypto = options.crypto;
    this.#completions = new CompletionBatch(options.receiver);
    this.#pool = new FilePool(options.fileSystem, options.maxOpenFiles ?? MAX_OPEN_FILES);
    this.#hasher = new PieceHasher(options.crypto, options.slots, this.#scratch);
    const maxHeld = Math.min(MAX_HELD_BLOCKS, Math.floor(options.slots.length * HELD_SHARE));
    this.#writeBack = new WriteBack(options.slots, this.#hasher, this.#completions, maxHeld);
    this.#reads = new ReadBatch(options.slots, this.#writeBack, this.#completions);
  }

  /** There is something for {@link step} to do. */
  get hasWork(): boolean {
    return this.#working.length > 0;
  }

  /** `close` ran: nothing is open or held, and nothing but more commands would make that different. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Files open now. */
  get openFiles(): number {
    return this.#pool.size;
  }

  /** Blocks held back; they wait for more blocks, or for {@link flushHeld}. */
  get heldBlocks(): number {
    return this.#writeBack.held;
  }

  /**
   * Runs what can run now; fences and snapshots go on in {@link step}. Completions are sent before it
   * returns.
   */
  submit(commands: Commands): void {
    const { records } = commands;
    for (let at = 0; at < records.length; at += COMMAND_LENGTH) {
      this.#accept(commands, at);
      this.#completions.sendWhenLong();
    }
    this.#reads.flush();
    this.#completions.send();
  }

  /**
   * Takes the next fence or snapshot one step further; true while there is any. Completions are sent before
   * it returns.
   */
  step(): boolean {
    const storage = this.#working.shift();
    if (storage === undefined) return false;
    if (storage.fence === null) {
      if (stepSnapshots(storage)) this.#working.push(storage);
    } else if (storage.fence.step()) this.#working.push(storage);
    else this.#endFence(storage);
    this.#completions.send();
    return this.#working.length > 0;
  }

  /** Writes the held blocks: nothing came for a while. */
  flushHeld(): void {
    this.#writeBack.flushAll();
    this.#completions.send();
  }

  #accept(commands: Commands, at: number): void {
    const { records } = commands;
    const command = records[at]!;
    const id = records[at + 1]!;
    if (command === COMMAND_CLOSE) this.#close();
    else if (command === COMMAND_OPEN) {
      const index = records[at + 2]!;
      this.#open(id, commands.specs[index]!, commands.resumes[index]!);
    } else {
      const storage = this.#storages.get(id);
      if (storage === undefined) failStray(this.#completions, records, at);
      else if (command === COMMAND_RELEASE) this.#release(storage);
      else if (storage.fence !== null) {
        for (let i = 0; i < COMMAND_LENGTH; i++) storage.waiting.push(records[at + i]!);
      } else this.#run(storage, records, at);
    }
  }

  #run(storage: Storage, records: Int32Array | readonly number[], at: number): void {
    const piece = records[at + 2]!;
    switch (records[at]!) {
      case COMMAND_WRITE:
        this.#write(storage, piece, records[at + 3]!, records[at + 4]!, records[at + 5]!);
        break;
      case COMMAND_READ:
        assert(records[at + 4]! > 0 && records[at + 4]! <= BLOCK_LENGTH, 'a read is at most a block');
        this.#reads.add(storage, piece, records[at + 3]!, records[at + 4]!, records[at + 5]!);
        break;
      case COMMAND_HASH:
        this.#hash(storage, piece);
        break;
      case COMMAND_BLOCK_DIGESTS:
        this.#blockDigests(storage, piece);
        break;
      case COMMAND_CHECK:
        this.#check(storage);
        break;
      case COMMAND_SNAPSHOT:
        this.#snapshot(storage, piece === 1);
        break;
      default:
        assert(false, `command ${records[at]}`);
    }
  }

  #open(id: number, spec: StorageSpec, resume: ResumeData | null): void {
    assert(!this.#storages.has(id), `storage ${id} is open already`);
    const storage = new Storage(id, spec, this.#fileSystem, this.#pool);
    this.#storages.set(id, storage);
    if (resume !== null) storage.claims = ResumedClaims.of(storage, resume);
    storage.fence = new OpenFence(storage, this.#completions);
    this.#working.push(storage);
  }

  #check(storage: Storage): void {
    this.#reads.flush();
    this.#endSnapshots(storage);
    this.#writeBack.flushStorage(storage);
    this.#writeBack.forgetAll(storage);
    storage.failure = null;
    try {
      storage.files.closeAll();
    } catch (error) {
      // The data is about to be read: if it is not what it should be, its hashes say so.
      failureOf(error);
    }
    storage.fence = new CheckFence(storage, this.#crypto, this.#scratch, this.#writeBack, this.#completions);
    this.#working.push(storage);
  }

  #write(storage: Storage, piece: number, begin: number, length: number, slot: number): void {
    const block = begin / BLOCK_LENGTH;
    if (!Number.isInteger(block) || length !== storage.layout.lengthOfBlock(piece, block)) {
      assert(false, `block of ${length} bytes at ${begin} of piece ${piece}`);
    }
    if (storage.failure !== null) this.#completions.written(storage.id, slot, storage.failure);
    else if (storage.verified.has(piece)) this.#completions.written(storage.id, slot, null);
    else {
      storage.isScanFresh = false;
      this.#writeBack.add(storage, piece, block, slot);
    }
  }

  #hash(storage: Storage, piece: number): void {
    let matches = false;
    let failure = this.#writeBack.writePiece(storage, piece) ?? storage.failure;
    if (failure === null) {
      try {
        matches = this.#matches(storage, piece);
      } catch (error) {
        failure = failureOf(error);
      }
    }
    const tracked = storage.tracked.get(piece);
    if (tracked !== undefined) this.#writeBack.forget(tracked);
    if (matches) this.#finishFiles(storage, storage.verified.add(piece));
    else if (failure === null) storage.verified.delete(piece);
    this.#completions.hashed(storage.id, piece, matches, failure);
  }

  #matches(storage: Storage, piece: number): boolean {
    const tracked = storage.tracked.get(piece);
    const digest =
      tracked === undefined ? this.#hasher.digestOf(storage, piece) : this.#hasher.finish(tracked);
    return digest !== null && storage.matches(piece, digest);
  }

  #finishFiles(storage: Storage, files: readonly number[]): void {
    if (files.length === 0) return;
    for (let i = 0; i < files.length; i++) storage.finish(files[i]!, this.#completions);
    storage.finishLinks(this.#completions);
  }

  #blockDigests(storage: Storage, piece: number): void {
    let digests: Uint8Array | null = null;
    let failure = this.#writeBack.writePiece(storage, piece);
    if (failure === null) {
      try {
        digests = this.#hasher.blockDigestsOf(storage, piece);
        if (digests === null) failure = missingBytes(storage, piece);
      } catch (error) {
        failure = failureOf(error);
      }
    }
    this.#completions.blockDigests(storage.id, piece, digests ?? NO_BYTES, failure);
  }

  #snapshot(storage: Storage, sync: boolean): void {
    this.#writeBack.flushStorage(storage);
    storage.snapshots.push(new Snapshot(storage, sync, this.#writeBack, this.#completions));
    if (storage.snapshots.length === 1) this.#working.push(storage);
  }

  /** Brings the snapshots of a storage to their end at once. */
  #endSnapshots(storage: Storage): void {
    if (storage.snapshots.length === 0) return;
    while (stepSnapshots(storage));
    this.#working = this.#working.filter((other) => other !== storage);
  }

  #endFence(storage: Storage): void {
    const fence = storage.fence;
    storage.fence = null;
    if (fence instanceof OpenFence && !fence.hasOpened) {
      this.#storages.delete(storage.id);
      this.#closeFiles(storage);
    }
    this.#resume(storage);
  }

  /** Runs what waited, up to the next fence. */
  #resume(storage: Storage): void {
    const waiting = storage.waiting;
    let at = 0;
    for (; at < waiting.length && storage.fence === null; at += COMMAND_LENGTH) {
      if (this.#storages.get(storage.id) === storage) this.#run(storage, waiting, at);
      else failStray(this.#completions, waiting, at);
    }
    waiting.splice(0, at);
    this.#reads.flush();
  }

  /** Cuts short what fences do, runs what was submitted before, and lets the storage go. */
  #release(storage: Storage): void {
    this.#reads.flush();
    while (storage.fence !== null) {
      storage.fence.abort({ code: 'aborted', operation: 'prepare', detail: storage.files.names.directory });
      this.#working = this.#working.filter((other) => other !== storage);
      this.#endFence(storage);
    }
    if (!this.#storages.delete(storage.id)) {
      this.#completions.released(storage.id, null);
      return;
    }
    this.#endSnapshots(storage);
    const failedBefore = storage.failure;
    this.#writeBack.flushStorage(storage);
    this.#writeBack.forgetAll(storage);
    let failure = storage.failure === failedBefore ? null : storage.failure;
    try {
      if (storage.verified.hasAllWanted && !storage.needsParts) storage.parts.remove();
    } catch (error) {
      failure = failureOf(error);
    }
    const closing = this.#closeFiles(storage);
    this.#completions.released(storage.id, failure ?? closing);
  }

  #closeFiles(storage: Storage): Failure | null {
    try {
      storage.files.closeAll();
      return null;
    } catch (error) {
      return failureOf(error);
    }
  }

  #close(): void {
    for (const storage of [...this.#storages.values()]) this.#release(storage);
    assert(this.#pool.size === 0, 'every file is closed');
    assert(this.#writeBack.held === 0, 'every slot came back');
    this.#isClosed = true;
    this.#completions.closed();
  }
}

/** Takes the first snapshot of a storage one step further; true while there is any. */
function stepSnapshots(storage: Storage): boolean {
  if (!storage.snapshots[0]!.step()) storage.snapshots.shift();
  return storage.snapshots.length > 0;
}
