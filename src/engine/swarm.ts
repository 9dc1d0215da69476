/**
 * Owns the connected and half-open peers of one torrent: whom to dial, whom to accept, who is interested in what, and
 * which peers have something to do in this turn.
 *
 * Invariants: every peer in the table is counted in the availability exactly once after its handshake; at most
 * `maxPeers` peers; one connection for each peer id; a peer is in the dirty list at most once.
 */

import type { NO_SLOT } from '../base/arena.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { PieceIndex, SlotId } from '../base/numbers.ts';
import type { Transport } from '../ports/transport.ts';
import type { Bans } from './bans.ts';
import { type CloseReason, closeText, retryAfter } from './close-reason.ts';
import type { ConnectQueue } from './connect-queue.ts';
import type { Downloader } from './downloader.ts';
import type { PeerSnapshot, PeerSource } from './events.ts';
import {
  DIAL_TIMEOUT_MS,
  HANDSHAKE_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  MAX_INCOMING_PER_ADDRESS,
  PEER_TIMEOUT_MS,
  USELESS_PEER_MS,
} from './limits.ts';
import { PEER_DIALLING, PEER_HANDSHAKING, Peer } from './peer.ts';
import type { PeerHost, PeerShared } from './peer-host.ts';
import { type PeerCandidate, PeerList } from './peer-list.ts';
import type { RequestBudget } from './request-budget.ts';
import type { Uploader } from './uploader.ts';

/** What a session lends to the swarms of its torrents. */
export interface SwarmShared {
  readonly peers: PeerShared;
  readonly ownPeerIdHex: string;
  readonly transport: Transport;
  readonly localAddress: string | null;
  readonly connectQueue: ConnectQueue;
  readonly bans: Bans;
  readonly budget: RequestBudget;
  /** Numbers the connections of the session. */
  nextConnectionId(): number;
}

/** What the swarm tells its torrent. */
export interface SwarmWorld {
  /** Something to do in this turn. */
  onSwarmDirty(): void;
  onPeerConnected(peer: Peer): void;
  /** Said of peers that completed the handshake, and of those that were banned. */
  onPeerDisconnected(peer: Peer, reason: CloseReason, message: string): void;
  /** A dial is possible later, when the queue has room. */
  onDialBlocked(): void;
  /** True while more peers are of use. */
  wantsPeers(): boolean;
  /** True while everything wanted is there: seeds are of no use then. */
  isComplete(): boolean;
}

export class Swarm implements PeerHost {
  readonly infoHash: Uint8Array;
  readonly pieceCount: number;
  readonly candidates = new PeerList();
  readonly #maxPeers: number;
  readonly #shared: SwarmShared;
  readonly #world: SwarmWorld;
  readonly #downloader: Downloader;
  readonly #uploader: Uploader;
  readonly #peers = new Map<number, Peer>();
  readonly #byPeerId = new Map<string, Peer>();
  #dirty: Peer[] = [];
  #spareDirty: Peer[] = [];
  #isClosing = false;
  readyCount = 0;
  /** A rate limit let go: requests that were held back may be made in the next turn. */
  isLimitLifted = false;
  #wakeCount = 0;

  constructor(
    infoHash: Uint8Array,
    maxPeers: number,
    downloader: Downloader,
    uploader: Uploader,
    shared: SwarmShared,
    world: SwarmWorld,
  ) {
    this.infoHash = infoHash;
    this.pieceCount = downloader.states.layout.pieceCount;
    this.#maxPeers = maxPeers;
    this.#downloader = downloader;
    this.#uploader = uploader;
    this.#shared = shared;
    this.#world = world;
  }

  peers(): Iterable<Peer> {
    return this.#peers.values();
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Adds what a source named; banned addresses are not taken. */
  addCandidate(endpoint: Endpoint, source: PeerSource, sourceAddress: string | null): void {
    if (this.#shared.bans.has(endpoint.address)) return;
    if (this.candidates.add(endpoint, source, sourceAddress)) this.#world.onSwarmDirty();
  }

  /** Admits an accepted connection; the reason when it is refused. */
  admit(peer: Peer): PeerCandidate | CloseReason {
    const remote = peer.endpoint;
    if (this.#shared.bans.has(remote.address)) return 'banned';
    if (this.#isClosing) return 'stopping';
    if (this.#peers.size >= this.#maxPeers && !this.#closeUseless()) return 'too-many-peers';
    let fromAddress = 0;
    for (const other of this.#peers.values()) {
      if (other.isIncoming && other.endpoint.address === remote.address) fromAddress++;
    }
    if (fromAddress >= MAX_INCOMING_PER_ADDRESS) return 'too-many-peers';
    const candidate = this.candidates.addIncoming(remote);
    this.candidates.onConnecting(candidate);
    this.#peers.set(peer.connectionId, peer);
    return candidate;
  }

  /** Dials candidates while the limits permit. */
  dial(now: number): void {
    if (this.#isClosing || !this.#world.wantsPeers()) return;
    while (this.#peers.size < this.#maxPeers) {
      const candidate = this.candidates.next(now);
      if (candidate === null) return;
      if (this.#shared.bans.has(candidate.endpoint.address)) {
        candidate.isSpent = true;
        continue;
      }
      const id = this.#shared.nextConnectionId();
      if (!this.#shared.connectQueue.tryTake(id, now)) {
        this.#world.onDialBlocked();
        return;
      }
      this.#dialOne(id, candidate);
    }
  }

  /** Fills the queues of dirty peers and writes what was gathered, one write a peer. */
  turn(now: number): void {
    // Only when there is room: a starved swarm that wakes without any would starve again at once, for ever.
    const isFed = this.#downloader.isStarved && this.#shared.budget.hasRoom;
    if (isFed || this.isLimitLifted) this.#wakeAll();
    this.#uploader.turn(now);
    while (this.#dirty.length > 0) {
      const batch = this.#dirty;
      this.#dirty = this.#spareDirty;
      for (const peer of batch) {
        peer.isDirty = false;
        if (!peer.isReady) continue;
        this.#downloader.fill(peer, now);
      }
      for (const peer of batch) peer.flush();
      batch.length = 0;
      this.#spareDirty = batch;
    }
  }

  /** Every peer that may be asked for something; another one first each time, so that nobody is always last. */
  #wakeAll(): void {
    this.#downloader.isStarved = false;
    this.isLimitLifted = false;
    const waiting = [...this.#peers.values()].filter((peer) => peer.isReady && peer.amInterested);
    this.#wakeCount++;
    for (let i = 0; i < waiting.length; i++) {
      this.onPeerDirty(waiting[(this.#wakeCount + i) % waiting.length]!);
    }
  }

  /** Looks after time-outs; called about once a second. */
  sweep(now: number): void {
    this.#uploader.sweep(now);
    for (const peer of this.#peers.values()) {
      if (!peer.isReady) {
        if (peer.state === PEER_HANDSHAKING && now - peer.lastSentAt > HANDSHAKE_TIMEOUT_MS) {
          peer.close('handshake-timeout');
        }
        continue;
      }
      if (now - peer.lastReceivedAt > PEER_TIMEOUT_MS) {
        peer.close('peer-timeout');
        continue;
      }
      this.#downloader.sweep(peer, now);
      if (now - peer.lastSentAt > KEEP_ALIVE_MS && peer.isReady) peer.sendKeepAlive();
      // A queue that found nothing may find something now: blocks in the endgame grow old.
      if (peer.isReady && peer.requests.live < peer.requests.target) this.onPeerDirty(peer);
    }
  }

  /** Tells everybody about a piece that was verified, and what it means for our interest. */
  onVerified(piece: PieceIndex): void {
    const needed = this.#downloader.states.neededPieces;
    for (const peer of this.#peers.values()) {
      if (!peer.isReady) continue;
      if (!peer.have.has(piece)) {
        peer.sendHave(piece);
        continue;
      }
      peer.neededPieces = peer.isSeed ? needed : peer.neededPieces - 1;
      if (peer.neededPieces === 0) this.#loseInterest(peer);
    }
  }

  closeAll(reason: CloseReason): void {
    this.#isClosing = true;
    for (const peer of [...this.#peers.values()]) peer.close(reason);
  }

  /** Peers are welcome again after `closeAll`. */
  reopen(): void {
    this.#isClosing = false;
    this.#world.onSwarmDirty();
  }

  /** Bans the address of a contributor and closes every connection to it. */
  ban(contributor: number): void {
    const candidate = this.candidates.byNumber(contributor);
    if (candidate === undefined) return;
    const address = candidate.endpoint.address;
    this.#shared.bans.add(address);
    candidate.isSpent = true;
    this.closeAddress(address);
  }

  closeAddress(address: string): void {
    for (const peer of [...this.#peers.values()]) {
      if (peer.endpoint.address === address) peer.close('corrupt-data');
    }
  }

  get diallingCount(): number {
    let count = 0;
    for (const peer of this.#peers.values()) if (peer.state === PEER_DIALLING) count++;
    return count;
  }

  snapshots(now: number): PeerSnapshot[] {
    const snapshots: PeerSnapshot[] = [];
    for (const peer of this.#peers.values()) if (peer.isReady) snapshots.push(this.#snapshot(peer, now));
    return snapshots;
  }

  // PeerHost

  onPeerReady(peer: Peer): void {
    this.#shared.connectQueue.onDialEnded(peer.connectionId);
    if (peer.peerIdHex === this.#shared.ownPeerIdHex) {
      peer.close('self-connection');
      return;
    }
    if (this.#byPeerId.has(peer.peerIdHex)) {
      peer.close('duplicate-connection');
      return;
    }
    this.#byPeerId.set(peer.peerIdHex, peer);
    this.readyCount++;
    peer.sendHaves(this.#downloader.states.verified);
    this.#world.onPeerConnected(peer);
  }

  onPeerClosed(peer: Peer, reason: CloseReason): void {
    this.#peers.delete(peer.connectionId);
    this.#shared.connectQueue.open--;
    this.#shared.connectQueue.onDialEnded(peer.connectionId);
    const wasReady = this.#byPeerId.get(peer.peerIdHex) === peer;
    if (wasReady) {
      this.#byPeerId.delete(peer.peerIdHex);
      this.readyCount--;
      this.#downloader.onGone(peer);
      this.#uploader.onGone(peer);
      // Others may fetch what it owed.
      for (const other of this.#peers.values()) {
        if (other.isReady && other.requests.live < other.requests.target) this.onPeerDirty(other);
      }
    }
    if (peer.candidate !== null) {
      const now = this.#shared.peers.time.now();
      this.candidates.onClosed(
        peer.candidate,
        retryAfter(reason),
        peer.downMeter.total > peer.wastedBytes,
        now,
      );
    }
    // A dial that fails is news only to who asked for that very peer.
    const isUserDial = !wasReady && peer.candidate?.source === 'user' && reason !== 'stopping';
    if (wasReady || isUserDial || retryAfter(reason) === 'ban') {
      this.#world.onPeerDisconnected(peer, reason, `${peer.name} ${closeText(reason)}`);
    }
    this.#world.onSwarmDirty();
  }

  onPeerHas(peer: Peer, piece: PieceIndex): void {
    if (peer.have.isFull) this.#becomeSeed(peer, piece);
    else this.#downloader.availability.increment(piece);
    if (!this.#downloader.states.needs(piece)) return;
    peer.neededPieces++;
    this.#gainInterest(peer);
  }

  onPeerHasSet(peer: Peer): void {
    const { states, availability } = this.#downloader;
    if (peer.have.isFull) {
      peer.isSeed = true;
      availability.seedCount++;
      availability.version++;
      peer.neededPieces = states.neededPieces;
    } else {
      availability.incrementAll(peer.have);
      for (let p = peer.have.nextSet(0); p >= 0; p = peer.have.nextSet(p + 1)) {
        if (states.needs(p as PieceIndex)) peer.neededPieces++;
      }
    }
    if (peer.neededPieces > 0) this.#gainInterest(peer);
    else if (peer.isSeed && this.#world.isComplete()) peer.close('both-complete');
  }

  onPeerChoked(peer: Peer): void {
    this.#downloader.onChoked(peer);
    this.#dirtyOthers(peer);
  }

  onPayload(length: number, now: number): void {
    this.#downloader.onPayload(length, now);
  }

  blockTarget(peer: Peer, piece: PieceIndex, block: number, length: number): SlotId | typeof NO_SLOT {
    return this.#downloader.blockTarget(peer, piece, block, length);
  }

  onPeerBlock(peer: Peer, piece: PieceIndex, block: number, length: number, slot: SlotId): void {
    const now = this.#shared.peers.time.now();
    this.#downloader.onBlock(peer, piece, block, length, slot, now);
    peer.requests.onBlock(now, peer.downMeter.rate(now), this.#shared.budget.shareOf(this.readyCount));
    this.onPeerDirty(peer);
  }

  onPeerRejected(peer: Peer, piece: PieceIndex, block: number): void {
    this.#downloader.onReject(peer, piece, block);
    this.#dirtyOthers(peer);
  }

  onPeerRequest(peer: Peer, piece: number, begin: number, length: number): void {
    this.#uploader.onRequest(peer, piece, begin, length);
  }

  onPeerCancel(peer: Peer, piece: number, begin: number, length: number): void {
    this.#uploader.onCancel(peer, piece, begin, length);
  }

  onPeerInterest(peer: Peer): void {
    this.#uploader.onInterestChanged(peer, this.#shared.peers.time.now());
  }

  onPeerSent(_peer: Peer, length: number, now: number): void {
    this.#uploader.onSent(length, now);
  }

  onPeerDirty(peer: Peer): void {
    if (peer.isDirty) return;
    peer.isDirty = true;
    this.#dirty.push(peer);
    if (this.#dirty.length === 1) this.#world.onSwarmDirty();
  }

  #dialOne(id: number, candidate: PeerCandidate): void {
    this.candidates.onConnecting(candidate);
    const peer = new Peer(id, this.#shared.peers, this, candidate, null);
    this.#peers.set(id, peer);
    this.#shared.connectQueue.open++;
    const options = { timeoutMs: DIAL_TIMEOUT_MS, localAddress: this.#shared.localAddress };
    peer.attach(this.#shared.transport.dial(candidate.endpoint, options, peer));
  }

  /** The last missing piece of a peer came: it moves from the counts of pieces to the count of seeds. */
  #becomeSeed(peer: Peer, lastPiece: PieceIndex): void {
    const { availability } = this.#downloader;
    for (let piece = 0; piece < this.pieceCount; piece++) {
      if (piece !== lastPiece) availability.decrement(piece as PieceIndex);
    }
    peer.isSeed = true;
    availability.seedCount++;
    availability.version++;
    if (this.#world.isComplete()) peer.close('both-complete');
  }

  #gainInterest(peer: Peer): void {
    peer.setInterested(true);
    this.onPeerDirty(peer);
  }

  #loseInterest(peer: Peer): void {
    if (peer.isSeed && this.#world.isComplete()) return; // the torrent closes it when it has said so
    peer.setInterested(false);
  }

  /** Blocks became open: peers with room may take them. */
  #dirtyOthers(peer: Peer): void {
    for (const other of this.#peers.values()) {
      if (
        other !== peer &&
        other.isReady &&
        !other.peerChoking &&
        other.requests.live < other.requests.target
      ) {
        this.onPeerDirty(other);
      }
    }
  }

  /** Makes room for one more by closing a peer that is of no use; false when all are. */
  #closeUseless(): boolean {
    const now = this.#shared.peers.time.now();
    let worst: Peer | null = null;
    for (const peer of this.#peers.values()) {
      const isUseless = !peer.isReady
        ? now - peer.openedAt > HANDSHAKE_TIMEOUT_MS / 2
        : now - peer.lastUsefulAt > USELESS_PEER_MS && (peer.peerChoking || !peer.amInterested);
      if (isUseless && (worst === null || peer.lastUsefulAt < worst.lastUsefulAt)) worst = peer;
    }
    if (worst === null) return false;
    worst.close('useless');
    return true;
  }

  #snapshot(peer: Peer, now: number): PeerSnapshot {
    return {
      endpoint: peer.name,
      client: peer.client,
      source: peer.candidate!.source,
      isIncoming: peer.isIncoming,
      progress: this.pieceCount === 0 ? 1 : peer.have.count / this.pieceCount,
      amInterested: peer.amInterested,
      peerChoking: peer.peerChoking,
      amChoking: peer.amChoking,
      peerInterested: peer.peerInterested,
      isSnubbed: peer.isSnubbed,
      downloadRate: peer.downMeter.rate(now),
      uploadRate: peer.upload.meter.rate(now),
      downloadedBytes: peer.downMeter.total,
      uploadedBytes: peer.upload.meter.total,
      requestQueueLength: peer.requests.live,
    };
  }
}
