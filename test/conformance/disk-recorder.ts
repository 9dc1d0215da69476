/**
 * Owns the engine's side of a disk under test: hands out slots of a real arena, records every completion, and
 * checks with each that it was due, that it came inside `deliver`, and that its slot was the disk's.
 */
import assert from 'node:assert/strict';
import { type Arena, NO_SLOT, OWNER_DISK, OWNER_ENGINE } from '../../src/base/arena.ts';
import { BLOCK_LENGTH, type PieceIndex, type SlotId, type StorageId } from '../../src/base/numbers.ts';
import type { Disk, DiskHandler, StorageSpec } from '../../src/ports/disk.ts';
import type { Failure, FailureCode } from '../../src/ports/failure.ts';
import type { PartialPieceRecord, ResumeData } from '../../src/ports/state-store.ts';
import type { TurnHandler } from '../../src/ports/time.ts';
import type { TestTorrent } from './disk-torrent.ts';

export type Completion =
  | { readonly what: 'opened'; readonly storage: number; readonly failure: FailureCode | null }
  | { readonly what: 'released'; readonly storage: number; readonly failure: FailureCode | null }
  | { readonly what: 'progress'; readonly storage: number; readonly pieces: number }
  | {
      readonly what: 'checked';
      readonly storage: number;
      readonly have: string;
      readonly partials: readonly PartialPieceRecord[];
      readonly failure: FailureCode | null;
    }
  | {
      readonly what: 'snapshot';
      readonly storage: number;
      readonly resume: ResumeData | null;
      readonly failure: FailureCode | null;
    }
  | { readonly what: 'written'; readonly storage: number; readonly failure: FailureCode | null }
  | {
      readonly what: 'read';
      readonly storage: number;
      readonly bytes: Uint8Array;
      readonly failure: FailureCode | null;
    }
  | {
      readonly what: 'hashed';
      readonly storage: number;
      readonly piece: number;
      readonly matches: boolean;
      readonly failure: FailureCode | null;
    }
  | {
      readonly what: 'digests';
      readonly storage: number;
      readonly piece: number;
      readonly digests: Uint8Array;
      readonly failure: FailureCode | null;
    }
  | {
      readonly what: 'file';
      readonly storage: number;
      readonly file: number;
      readonly failure: FailureCode | null;
    }
  | { readonly what: 'closed'; readonly storage: 0 };

export type CompletionOf<W extends Completion['what']> = Extract<Completion, { readonly what: W }>;

export class DiskRecorder implements DiskHandler, TurnHandler {
  readonly disk: Disk;
  readonly arena: Arena;
  readonly completions: Completion[] = [];
  /** The detail of each failure that came. */
  readonly details: string[] = [];
  /** How many times `deliver` brought something. */
  batches = 0;
  #isDelivering = false;
  readonly #counts = new Map<Completion['what'], number>();
  readonly #reads = new Map<number, number>();
  readonly #pieceCounts = new Map<number, number>();

  constructor(disk: Disk, arena: Arena) {
    this.disk = disk;
    this.arena = arena;
    disk.bind(this);
  }

  onTurn(): void {
    const before = this.completions.length;
    this.#isDelivering = true;
    this.disk.deliver();
    this.#isDelivering = false;
    if (this.completions.length > before) this.batches++;
  }

  // Commands

  open(storage: number, spec: StorageSpec, resume: ResumeData | null = null): void {
    const length = spec.files.reduce((sum, file) => sum + file.length, 0);
    this.#pieceCounts.set(storage, Math.ceil(length / spec.pieceLength));
    this.disk.open(storage as StorageId, spec, resume);
  }

  check(storage: number): void {
    this.disk.check(storage as StorageId);
  }

  /** Writes a block of `torrent`, or `bytes` in its place. */
  write(storage: number, torrent: TestTorrent, piece: number, block: number, bytes?: Uint8Array): void {
    const source = bytes ?? torrent.bytesOfBlock(piece, block);
    const slot = this.#takeSlot();
    this.arena.view(slot).set(source);
    this.arena.handOver(slot, OWNER_ENGINE, OWNER_DISK);
    this.disk.write(storage as StorageId, piece as PieceIndex, block * BLOCK_LENGTH, source.length, slot);
  }

  /** Writes every block of a piece, in the given order if there is one, and asks for its hash. */
  download(storage: number, torrent: TestTorrent, piece: number, order?: readonly number[]): void {
    const blocks = order ?? Array.from({ length: torrent.layout.blockCount(piece) }, (_, block) => block);
    for (const block of blocks) this.write(storage, torrent, piece, block);
    this.hash(storage, piece);
  }

  read(storage: number, piece: number, begin: number, length: number): void {
    const slot = this.#takeSlot();
    this.arena.view(slot).fill(0xee);
    this.arena.handOver(slot, OWNER_ENGINE, OWNER_DISK);
    this.#reads.set(slot, length);
    this.disk.read(storage as StorageId, piece as PieceIndex, begin, length, slot);
  }

  hash(storage: number, piece: number): void {
    this.disk.hash(storage as StorageId, piece as PieceIndex);
  }

  blockDigests(storage: number, piece: number): void {
    this.disk.blockDigests(storage as StorageId, piece as PieceIndex);
  }

  snapshot(storage: number, sync = true): void {
    this.disk.snapshot(storage as StorageId, sync);
  }

  release(storage: number): void {
    this.disk.release(storage as StorageId);
  }

  // What came

  /** Completions of one kind, in order. */
  all<W extends Completion['what']>(what: W): CompletionOf<W>[] {
    return this.completions.filter((one): one is CompletionOf<W> => one.what === what);
  }

  /** How many of one kind came; as cheap as it looks. */
  count(what: Completion['what']): number {
    return this.#counts.get(what) ?? 0;
  }

  /** The last completion of one kind, which is there. */
  last<W extends Completion['what']>(what: W): CompletionOf<W> {
    const found = this.all(what).at(-1);
    assert.ok(found !== undefined, `a completion "${what}"`);
    return found;
  }

  get hasAllSlots(): boolean {
    return this.arena.countOf(OWNER_DISK) === 0;
  }

  // DiskHandler

  onOpened(storage: StorageId, failure: Failure | null): void {
    this.#add({ what: 'opened', storage, failure: this.#codeOf(failure) });
  }

  onCheckProgress(storage: StorageId, checkedPieces: number): void {
    this.#add({ what: 'progress', storage, pieces: checkedPieces });
  }

  onChecked(
    storage: StorageId,
    have: Uint8Array,
    partials: readonly PartialPieceRecord[],
    failure: Failure | null,
  ): void {
    let picture = '';
    for (let piece = 0; piece < this.#pieceCounts.get(storage)!; piece++) {
      picture += ((have[piece >>> 3] ?? 0) & (0x80 >>> (piece & 7))) === 0 ? '.' : '#';
    }
    this.#add({ what: 'checked', storage, have: picture, partials, failure: this.#codeOf(failure) });
  }

  onSnapshot(storage: StorageId, resume: ResumeData | null, failure: Failure | null): void {
    assert.equal(resume === null, failure !== null, 'a snapshot or a failure');
    this.#add({ what: 'snapshot', storage, resume, failure: this.#codeOf(failure) });
  }

  onWritten(storage: StorageId, slot: SlotId, failure: Failure | null): void {
    assert.ok(!this.#reads.has(slot), 'a read slot came back as written');
    this.arena.release(slot, OWNER_DISK);
    this.#add({ what: 'written', storage, failure: this.#codeOf(failure) });
  }

  onRead(storage: StorageId, slot: SlotId, failure: Failure | null): void {
    const length = this.#reads.get(slot);
    assert.ok(length !== undefined, 'a slot that was not read came back as read');
    this.#reads.delete(slot);
    const bytes = this.arena.view(slot).slice(0, length);
    this.arena.release(slot, OWNER_DISK);
    this.#add({ what: 'read', storage, bytes, failure: this.#codeOf(failure) });
  }

  onHashed(storage: StorageId, piece: PieceIndex, matches: boolean, failure: Failure | null): void {
    assert.ok(!matches || failure === null, 'a match does not fail');
    this.#add({ what: 'hashed', storage, piece, matches, failure: this.#codeOf(failure) });
  }

  onBlockDigests(storage: StorageId, piece: PieceIndex, digests: Uint8Array, failure: Failure | null): void {
    this.#add({ what: 'digests', storage, piece, digests, failure: this.#codeOf(failure) });
  }

  onFileCompleted(storage: StorageId, file: number, failure: Failure | null): void {
    this.#add({ what: 'file', storage, file, failure: this.#codeOf(failure) });
  }

  onReleased(storage: StorageId, failure: Failure | null): void {
    this.#add({ what: 'released', storage, failure: this.#codeOf(failure) });
  }

  onClosed(): void {
    assert.ok(this.hasAllSlots, 'every slot came back before the close');
    this.#add({ what: 'closed', storage: 0 });
  }

  #add(completion: Completion): void {
    assert.ok(this.#isDelivering, `"${completion.what}" came outside of deliver`);
    this.completions.push(completion);
    this.#counts.set(completion.what, this.count(completion.what) + 1);
  }

  #codeOf(failure: Failure | null): FailureCode | null {
    if (failure !== null) this.details.push(failure.detail);
    return failure === null ? null : failure.code;
  }

  #takeSlot(): SlotId {
    const slot = this.arena.take(OWNER_ENGINE);
    assert.notEqual(slot, NO_SLOT, 'the test keeps within its arena');
    return slot as SlotId;
  }
}
