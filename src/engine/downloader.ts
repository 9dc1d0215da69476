/**
 * Owns the download of one torrent's pieces from its peers: it fills request queues, takes blocks, hands them to the
 * disk, and acts on the verdict of the hash. What to ask for is the picker's decision, how much is the request queue's,
 * who is to blame is the smart ban's.
 *
 * Invariants: a live entry in a peer's queue counts once in `requesters` of its block and once in the budget; a slot
 * that a peer filled is given to the disk or released within the call. Hot file: nothing allocated per block.
 */
import { type Arena, NO_SLOT, OWNER_DISK, OWNER_PEER } from '../base/arena.ts';
import { BitSet } from '../base/bit-set.ts';
import { BLOCK_LENGTH, type PieceIndex, type SlotId } from '../base/numbers.ts';
import type { Random } from '../base/random.ts';
import { RateMeter } from '../base/rate-meter.ts';
import type { PartialPieceRecord } from '../ports/state-store.ts';
import { Availability } from './availability.ts';
import { SNUB_MS, SNUBBED_PEER_TIMEOUT_MS } from './limits.ts';
import type { Padding } from './padding.ts';
import type { Peer } from './peer.ts';
import { type BlockChoice, PiecePicker } from './piece-picker.ts';
import {
  BLOCK_RECEIVED,
  FORGOTTEN_CONTRIBUTOR,
  NO_CONTRIBUTOR,
  type PartialPiece,
  PIECE_HASHING,
  PIECE_MISSING,
  type PieceStates,
} from './piece-states.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RequestBudget } from './request-budget.ts';
import { SmartBan } from './smart-ban.ts';

/** What the downloader does to the world. */
export interface DownloadWorld {
  /** Connected peers, for cancels. */
  peers(): Iterable<Peer>;
  /** Takes over the slot, which the disk holds from now on. */
  write(piece: PieceIndex, begin: number, length: number, slot: SlotId): void;
  hash(piece: PieceIndex): void;
  requestDigests(piece: PieceIndex): void;
  /** The piece is hashed and written. */
  onPieceVerified(piece: PieceIndex): void;
  onPieceFailed(piece: PieceIndex): void;
  /** The candidate with this number sent corrupt data. */
  banContributor(number: number): void;
  /** A limit holds requests back; they may go on after this time. */
  onDownloadLimited(waitMs: number): void;
}

export interface DownloaderOptions {
  readonly states: PieceStates;
  readonly padding: Padding;
  readonly arena: Arena;
  readonly budget: RequestBudget;
  readonly random: Random;
  /** This torrent's limit and the session's. */
  readonly limiters: readonly RateLimiter[];
  readonly now: number;
}

export class Downloader {
  readonly states: PieceStates;
  readonly availability: Availability;
  readonly picker: PiecePicker;
  readonly meter: RateMeter;
  /** Payload that brought nothing: repeated, unrequested, or of a piece that failed. */
  wastedBytes = 0;
  /** All payload that came, useful or not. */
  receivedBytes = 0;
  /** When a block was last taken. */
  lastBlockAt: number;
  /** A queue could not be filled for want of free slots. */
  isStarved = false;
  readonly #padding: Padding;
  readonly #arena: Arena;
  readonly #budget: RequestBudget;
  readonly #limiters: readonly RateLimiter[];
  #limitedAt = Number.NEGATIVE_INFINITY;
  readonly #world: DownloadWorld;
  readonly #smartBan: SmartBan;
  readonly #hashing = new Map<PieceIndex, PartialPiece>();
  readonly #choice: BlockChoice = { partial: null, block: 0 };

  constructor(options: DownloaderOptions, world: DownloadWorld) {
    this.states = options.states;
    this.availability = new Availability(options.states.layout.pieceCount);
    this.picker = new PiecePicker(options.states, this.availability, options.random);
    this.meter = new RateMeter(options.now);
    this.lastBlockAt = options.now;
    this.#padding = options.padding;
    this.#arena = options.arena;
    this.#budget = options.budget;
    this.#limiters = options.limiters;
    this.#world = world;
    this.#smartBan = new SmartBan({
      requestDigests: (piece) => world.requestDigests(piece),
      blame: (contributor) => world.banContributor(contributor),
    });
  }

  /** Takes up pieces of which an earlier session wrote some blocks. */
  restore(partials: readonly PartialPieceRecord[]): void {
    for (const { piece, blocks } of partials) {
      const index = piece as PieceIndex;
      if (!this.availability.isStartable(index)) continue;
      const written = BitSet.fromBytes(blocks, this.states.layout.blockCount(piece));
      if (written === null || written.isEmpty) continue;
      this.availability.remove(index);
      const partial = this.states.start(index);
      let isWhole = false;
      for (let block = written.nextSet(0); block >= 0; block = written.nextSet(block + 1)) {
        isWhole = this.states.receive(partial, block, FORGOTTEN_CONTRIBUTOR);
      }
      if (isWhole) this.#hash(partial);
    }
  }

  /** A needed piece that nobody has started is with no connected peer. */
  get hasUnavailablePieces(): boolean {
    return this.availability.rarestCount === 0;
  }

  /** The limit that held requests back within the last second, in bytes a second; 0 when none did. */
  limitedTo(now: number): number {
    if (now - this.#limitedAt > 1000) return 0;
    const rates = this.#limiters.map((limiter) => limiter.rate).filter((rate) => rate > 0);
    return rates.length === 0 ? 0 : Math.min(...rates);
  }

  /** Asks `peer` for blocks until its queue is as deep as it should be. */
  fill(peer: Peer, now: number): void {
    if (!peer.isReady || !peer.amInterested) return;
    if (peer.peerChoking && peer.allowedFast.length === 0) return;
    const requests = peer.requests;
    requests.makeRoom();
    while (requests.live < requests.target && requests.hasRoom) {
      if (!this.#budget.hasRoom) {
        this.isStarved = true;
        return;
      }
      if (this.#isLimited(now)) return;
      const partial = this.picker.pickOpen(peer);
      if (partial !== null) this.#takeOpen(peer, partial, now);
      else if (this.picker.pickDuplicate(peer, now, this.#choice)) {
        this.#request(peer, this.#choice.partial!, this.#choice.block, now);
      } else return;
    }
  }

  /** Where a block that begins to arrive goes: a slot held by the peer, or `NO_SLOT` to discard it. */
  blockTarget(peer: Peer, piece: PieceIndex, block: number, length: number): SlotId | typeof NO_SLOT {
    const index = peer.requests.find(piece, block);
    if (index < 0) {
      this.#waste(peer, length, false);
      return NO_SLOT;
    }
    const isExpected = length === this.states.layout.lengthOfBlock(piece, block);
    if (isExpected && this.#isWelcome(piece, block)) {
      const slot = this.#arena.take(OWNER_PEER);
      if (slot !== NO_SLOT) return slot;
    }
    this.#forget(peer, index);
    this.#waste(peer, length, isExpected);
    return NO_SLOT;
  }

  /** A block's bytes came, useful or not. */
  onPayload(length: number, now: number): void {
    this.receivedBytes += length;
    this.meter.add(length, now);
  }

  /** A requested block is in `slot`, held by the peer. */
  onBlock(peer: Peer, piece: PieceIndex, block: number, length: number, slot: SlotId, now: number): void {
    const index = peer.requests.find(piece, block);
    if (!this.#isWelcome(piece, block)) {
      // Another peer was faster while this one was still sending.
      this.#arena.release(slot, OWNER_PEER);
      if (index >= 0) this.#forget(peer, index);
      this.#waste(peer, length, true);
      return;
    }
    this.lastBlockAt = now;
    const partial = this.states.partialOf(piece) ?? this.#revive(piece);
    const isWhole = this.states.receive(partial, block, peer.candidate!.number);
    if (index >= 0) this.#forget(peer, index);
    if (partial.requesters[block]! > 0) this.#cancelElsewhere(partial, block);
    this.#arena.handOver(slot, OWNER_PEER, OWNER_DISK);
    this.#world.write(piece, block * BLOCK_LENGTH, length, slot);
    if (isWhole) this.#hash(partial);
  }

  /** The peer will not send the block. */
  onReject(peer: Peer, piece: PieceIndex, block: number): void {
    const index = peer.requests.find(piece, block);
    if (index < 0) return;
    // A peer that rejects while it does not choke us lacks the piece or is overloaded; ask others first.
    if (!peer.peerChoking && peer.currentPiece?.piece === piece) peer.currentPiece = null;
    this.#forget(peer, index);
  }

  /** The peer chokes us: others may fetch what it owes, but for pieces that it allows all the same (BEP 6). */
  onChoked(peer: Peer): void {
    const requests = peer.requests;
    for (let index = 0; index < requests.length; index++) {
      const piece = requests.pieceAt(index) as PieceIndex;
      if (!requests.isReleasedAt(index) && !peer.allowedFast.includes(piece)) this.#release(peer, index);
    }
    this.#disown(peer);
  }

  /** The peer is gone. Its pieces stay partial, for others. */
  onGone(peer: Peer): void {
    const requests = peer.requests;
    for (let index = 0; index < requests.length; index++) {
      if (!requests.isReleasedAt(index)) this.#release(peer, index);
    }
    this.#disown(peer);
    if (peer.isSeed) this.availability.seedCount--;
    else this.availability.decrementAll(peer.have);
  }

  /** Looks after time-outs of one peer; called about once a second. */
  sweep(peer: Peer, now: number): void {
    const requests = peer.requests;
    if (requests.live === 0) return;
    if (requests.isSnubbed) {
      if (now - peer.lastUsefulAt > SNUBBED_PEER_TIMEOUT_MS) peer.close('stalled');
      return;
    }
    if (now - requests.lastProgressAt <= SNUB_MS) return;
    for (let index = 0; index < requests.length; index++) {
      if (!requests.isReleasedAt(index)) this.#release(peer, index);
    }
    requests.onSnubbed();
    this.#disown(peer);
  }

  /** The disk's verdict on a piece. */
  onHashed(piece: PieceIndex, matches: boolean): void {
    if (this.states.stateOf(piece) !== PIECE_HASHING) return;
    const partial = this.#hashing.get(piece)!;
    this.#hashing.delete(piece);
    if (matches) {
      this.states.verify(piece);
      this.#smartBan.onVerified(piece);
      this.#world.onPieceVerified(piece);
      return;
    }
    this.wastedBytes += this.states.layout.lengthOfPiece(piece);
    this.states.fail(piece);
    this.picker.onMissing(piece);
    this.#world.onPieceFailed(piece);
    this.#smartBan.onFailed(piece, partial.contributors);
  }

  onDigests(piece: PieceIndex, digests: Uint8Array): void {
    this.#smartBan.onDigests(piece, digests);
  }

  /** True when the block's bytes would be of use. */
  #isWelcome(piece: PieceIndex, block: number): boolean {
    const partial = this.states.partialOf(piece);
    if (partial !== undefined) return partial.blocks[block] !== BLOCK_RECEIVED;
    return (
      this.states.stateOf(piece) === PIECE_MISSING &&
      this.states.wanted.has(piece) &&
      !this.states.isSuspect(piece)
    );
  }

  /** A late block of a piece that went back to missing: it is as good as any first block. */
  #revive(piece: PieceIndex): PartialPiece {
    this.availability.remove(piece);
    return this.states.start(piece);
  }

  #isLimited(now: number): boolean {
    let waitMs = 0;
    for (const limiter of this.#limiters) waitMs = Math.max(waitMs, limiter.waitMs(now));
    if (waitMs === 0) return false;
    this.#limitedAt = now;
    this.#world.onDownloadLimited(waitMs);
    return true;
  }

  #takeOpen(peer: Peer, partial: PartialPiece, now: number): void {
    const block = partial.nextOpen();
    if (this.#padding.covers(partial.piece, block)) this.#pad(partial, block);
    else this.#request(peer, partial, block, now);
  }

  #request(peer: Peer, partial: PartialPiece, block: number, now: number): void {
    const requests = peer.requests;
    const length = this.states.layout.lengthOfBlock(partial.piece, block);
    this.#budget.live++;
    this.states.request(partial, block, now);
    for (const limiter of this.#limiters) limiter.take(length);
    const old = requests.length > requests.live ? requests.find(partial.piece, block) : -1;
    if (old >= 0 && !requests.isCancelledAt(old)) {
      requests.reclaim(old, now);
      return;
    }
    // A peer with the fast extension still answers the cancelled request, so its entry stays for that answer.
    if (old >= 0 && !peer.supportsFast) requests.remove(old);
    requests.push(partial.piece, block, now);
    peer.sendRequest(partial.piece, block, length);
  }

  /** A block of padding: zeros, from nobody. */
  #pad(partial: PartialPiece, block: number): void {
    const slot = this.#arena.take(OWNER_DISK);
    if (slot === NO_SLOT) return;
    this.#arena.view(slot).fill(0);
    const isWhole = this.states.receive(partial, block, NO_CONTRIBUTOR);
    const length = this.states.layout.lengthOfBlock(partial.piece, block);
    this.#world.write(partial.piece, block * BLOCK_LENGTH, length, slot);
    if (isWhole) this.#hash(partial);
  }

  #hash(partial: PartialPiece): void {
    this.states.beginHash(partial);
    this.#hashing.set(partial.piece, partial);
    this.#world.hash(partial.piece);
  }

  #cancelElsewhere(partial: PartialPiece, block: number): void {
    const length = this.states.layout.lengthOfBlock(partial.piece, block);
    for (const peer of this.#world.peers()) {
      const index = peer.requests.find(partial.piece, block);
      if (index < 0 || peer.requests.isReleasedAt(index)) continue;
      this.#release(peer, index, true);
      peer.sendCancel(partial.piece, block, length);
      if (partial.requesters[block] === 0) return;
    }
  }

  /** The entry stays, for a block that may still come, but the peer no longer owes it. */
  #release(peer: Peer, index: number, isCancelled = false): void {
    const piece = peer.requests.pieceAt(index) as PieceIndex;
    const block = peer.requests.blockAt(index);
    peer.requests.release(index, isCancelled);
    const length = this.states.layout.lengthOfBlock(piece, block);
    for (const limiter of this.#limiters) limiter.giveBack(length);
    this.#settle(piece, block);
  }

  /** The entry goes. */
  #forget(peer: Peer, index: number): void {
    const piece = peer.requests.pieceAt(index) as PieceIndex;
    const block = peer.requests.blockAt(index);
    const wasLive = !peer.requests.isReleasedAt(index);
    peer.requests.remove(index);
    if (wasLive) this.#settle(piece, block);
  }

  /** One peer fewer owes the block. */
  #settle(piece: PieceIndex, block: number): void {
    this.#budget.live--;
    const partial = this.states.partialOf(piece);
    // Without a partial piece every block came, and cancels settled what was owed twice.
    if (partial === undefined) return;
    if (this.states.unrequest(partial, block)) this.picker.onMissing(piece);
  }

  #disown(peer: Peer): void {
    peer.currentPiece = null;
    this.picker.disown(peer.connectionId);
  }

  #waste(peer: Peer, bytes: number, wasAsked: boolean): void {
    this.wastedBytes += bytes;
    peer.countWaste(bytes, wasAsked);
  }
}
