/**
 * Owns the upload of one torrent's pieces to its peers: it judges requests, asks the disk for what was requested, hands
 * blocks to connections, and carries out what the choker decided.
 *
 * Peers with waiting requests take turns, a few blocks each; what is with the disk and with the connection of one
 * peer is bounded by a window that follows its rate, so a slow peer holds few slots and a fast one is kept busy.
 * Invariants: a slot that is read into is noted in the session's table of reads until the disk gives it back; a peer
 * is in the list of active ones exactly when requests of it wait. Hot file: nothing allocated per block.
 */
import { type Arena, NO_SLOT, OWNER_DISK } from '../base/arena.ts';
import { BLOCK_LENGTH, type PieceIndex, type SlotId } from '../base/numbers.ts';
import type { Random } from '../base/random.ts';
import { RateMeter } from '../base/rate-meter.ts';
import type { Failure } from '../ports/failure.ts';
import { CHOKE_ROUND_MS, Choker } from './choker.ts';
import type { Peer } from './peer.ts';
import type { PieceStates } from './piece-states.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RequestBudget } from './request-budget.ts';
import type { UploadReads } from './upload-reads.ts';
import { UploadSlots } from './upload-slots.ts';

/** Blocks that one peer gets before it is another's turn: neighbours become one read and one write. */
const BLOCKS_A_TURN = 16;
/**
 * Slots with the disk and the connection of one peer: as many blocks as it takes in this time, within bounds. Slots and not
 * bytes, because a request of one byte takes a whole one.
 */
const WINDOW_MS = 500;
const WINDOW_MIN_SLOTS = 8;
const WINDOW_MAX_SLOTS = 128;
/** No peer holds more than this part of the free slots, so that many who stop reading leave room for one who reads. */
const FREE_SLOTS_SHARE = 8;

export interface UploadWorld {
  peers(): Iterable<Peer>;
  /** Asks the disk to fill the slot, which it holds until `onRead`. */
  read(piece: PieceIndex, begin: number, length: number, slot: SlotId): void;
  /** True while nothing is wanted any more. */
  isComplete(): boolean;
  /** There may be something to send. */
  onUploadReady(): void;
  /** A limit holds back what could be sent; it may flow after this time. */
  onUploadLimited(waitMs: number): void;
}

export interface UploaderOptions {
  readonly states: PieceStates;
  readonly arena: Arena;
  readonly budget: RequestBudget;
  readonly reads: UploadReads;
  readonly random: Random;
  /** This torrent's limit and the session's. */
  readonly limiters: readonly RateLimiter[];
  readonly now: number;
}

export class Uploader {
  readonly meter: RateMeter;
  /** Payload that connections took, of all peers that ever were. */
  sentBytes = 0;
  /** Something could not be sent for want of a slot; cleared by the next turn. */
  isStarved = false;
  /** Reads that failed; the peer asked in vain. */
  failedReads = 0;
  readonly #options: UploaderOptions;
  readonly #world: UploadWorld;
  readonly #choker: Choker;
  readonly #slots = new UploadSlots();
  readonly #active: Peer[] = [];
  #nextRoundAt: number;

  constructor(options: UploaderOptions, world: UploadWorld) {
    this.#options = options;
    this.#world = world;
    this.#choker = new Choker(options.random);
    this.meter = new RateMeter(options.now);
    this.#nextRoundAt = options.now + CHOKE_ROUND_MS;
  }

  /** A peer asks for `length` bytes from `begin` of the piece; all three are as they came. */
  onRequest(peer: Peer, piece: number, begin: number, length: number): void {
    const isServable = this.#isServable(piece, begin, length);
    if (!isServable) peer.countUseless();
    if (peer.amChoking || !isServable || !peer.upload.queue.push(piece, begin, length)) {
      peer.sendReject(piece, begin, length);
      return;
    }
    if (peer.upload.queue.length === 1) this.#active.push(peer);
    this.#world.onUploadReady();
  }

  onCancel(peer: Peer, piece: number, begin: number, length: number): void {
    if (!peer.upload.queue.cancel(piece, begin, length)) return;
    peer.sendReject(piece, begin, length);
    if (peer.upload.queue.length === 0) this.#deactivate(peer);
  }

  /** The peer became interested or lost interest: a free slot is given at once. */
  onInterestChanged(peer: Peer, now: number): void {
    if (!peer.peerInterested || !peer.amChoking) return;
    let unchoked = 0;
    for (const other of this.#world.peers()) if (!other.amChoking && other.peerInterested) unchoked++;
    if (unchoked < this.#slots.count) peer.setChoking(false, now);
  }

  /** The connection took `length` bytes of a block. */
  onSent(length: number, now: number): void {
    this.sentBytes += length;
    this.meter.add(length, now);
    if (this.#active.length > 0) this.#world.onUploadReady();
  }

  onGone(peer: Peer): void {
    this.#choker.forget(peer.connectionId);
    this.#deactivate(peer);
  }

  /** Decides anew who is unchoked when it is time, and adapts the number of slots; called about once a second. */
  sweep(now: number): void {
    let active = 0;
    for (const peer of this.#world.peers()) {
      if (!peer.amChoking && peer.peerInterested) active++;
      if (peer.upload.isStuck(now)) peer.close('not-reading');
    }
    const hasMoreSlots = this.#slots.adapt(this.meter.rate(now), active);
    if (now < this.#nextRoundAt && !hasMoreSlots) return;
    if (now >= this.#nextRoundAt) this.#nextRoundAt = now + CHOKE_ROUND_MS;
    this.#choke(now);
  }

  /** Asks the disk for the next blocks of peers whose window has room. */
  turn(now: number): void {
    this.isStarved = false;
    let passedOver = 0;
    while (passedOver < this.#active.length) {
      const waitMs = this.#waitMs(now);
      if (waitMs > 0) {
        // Who is first now is first when it flows again: a limit that lets one block through goes round all the same.
        this.#world.onUploadLimited(waitMs);
        return;
      }
      const peer = this.#active.shift()!;
      passedOver = this.#serve(peer, now) ? 0 : passedOver + 1;
      if (peer.upload.queue.length > 0) this.#active.push(peer);
    }
  }

  /** The disk filled a slot, which it gave back; returns true when the slot is with a connection now. */
  onRead(slot: SlotId, failure: Failure | null): boolean {
    const { reads } = this.#options;
    const peer = reads.end(slot);
    const piece = reads.pieceOf(slot);
    const begin = reads.beginOf(slot);
    const length = reads.lengthOf(slot);
    peer.upload.queue.readingCount--;
    if (failure !== null) {
      this.failedReads++;
      for (const limiter of this.#options.limiters) limiter.giveBack(length);
      if (peer.isReady) peer.sendReject(piece, begin, length);
      return false;
    }
    if (!peer.isReady) return false;
    peer.sendBlock(piece, begin, length, slot);
    return true;
  }

  #serve(peer: Peer, now: number): boolean {
    const { arena, budget, reads, limiters } = this.#options;
    const uploads = peer.upload.queue;
    const window = this.#windowOf(peer, now);
    let blocks = 0;
    while (uploads.length > 0 && blocks < BLOCKS_A_TURN) {
      if (uploads.heldSlots >= window || this.#waitMs(now) > 0) break;
      const slot = budget.hasRoom ? arena.take(OWNER_DISK) : NO_SLOT;
      if (slot === NO_SLOT) {
        this.isStarved = true;
        break;
      }
      const piece = uploads.firstPiece as PieceIndex;
      const begin = uploads.firstBegin;
      const length = uploads.firstLength;
      uploads.shift();
      uploads.readingCount++;
      for (const limiter of limiters) limiter.take(length);
      reads.begin(slot, peer, piece, begin, length);
      this.#world.read(piece, begin, length, slot);
      blocks++;
    }
    return blocks > 0;
  }

  /** Slots that the peer may hold now. */
  #windowOf(peer: Peer, now: number): number {
    const taken = (peer.upload.meter.rate(now) * WINDOW_MS) / 1000 / BLOCK_LENGTH;
    const share = Math.min(WINDOW_MAX_SLOTS, this.#options.arena.freeCount / FREE_SLOTS_SHARE);
    return Math.max(WINDOW_MIN_SLOTS, Math.min(taken, share));
  }

  #choke(now: number): void {
    const ready: Peer[] = [];
    for (const peer of this.#world.peers()) if (peer.isReady) ready.push(peer);
    const isSeeding = this.#world.isComplete();
    const unchoked = this.#choker.decide(ready, { isSeeding, slots: this.#slots.count, now });
    for (const peer of ready) {
      const choking = !unchoked.has(peer);
      if (choking && !peer.amChoking) this.#deactivate(peer);
      peer.setChoking(choking, now);
    }
  }

  #waitMs(now: number): number {
    let waitMs = 0;
    for (const limiter of this.#options.limiters) waitMs = Math.max(waitMs, limiter.waitMs(now));
    return waitMs;
  }

  #isServable(piece: number, begin: number, length: number): boolean {
    const { states } = this.#options;
    if (piece >= states.layout.pieceCount || length < 1 || length > BLOCK_LENGTH) return false;
    return states.verified.has(piece) && begin + length <= states.layout.lengthOfPiece(piece);
  }

  #deactivate(peer: Peer): void {
    const index = this.#active.indexOf(peer);
    if (index >= 0) this.#active.splice(index, 1);
  }
}
