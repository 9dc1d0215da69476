/**
 * Owns one connection to a peer: the handshake, the flags of both sides, what the peer has, its rates and queues (BEP 3,
 * 6). It judges whether a message is allowed now; what follows from it is decided by its {@link PeerHost}.
 *
 * States: dialling → handshaking → ready → closed; an accepted connection begins with handshaking and gets its host when
 * its info hash is known. Invariants: after `close` no host method but the one `onPeerClosed` is called; a slot
 * that is being filled belongs to this peer; outgoing messages are gathered and written once a turn (`flush`).
 * Hot file: `onBlockStart` and `onBlockEnd` run for every block; they allocate nothing.
 */
import { NO_SLOT, OWNER_PEER } from '../base/arena.ts';
import { BitSet } from '../base/bit-set.ts';
import { bytesEqual } from '../base/bytes.ts';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { BLOCK_LENGTH, type PieceIndex, type SlotId } from '../base/numbers.ts';
import { RateMeter } from '../base/rate-meter.ts';
import { toHex } from '../base/text.ts';
import type { Failure } from '../ports/failure.ts';
import type { Connection, ConnectionHandler } from '../ports/transport.ts';
import { clientName } from '../protocol/wire/client-name.ts';
import { encodeHandshake, HandshakeDecoder } from '../protocol/wire/handshake.ts';
import { MessageDecoder } from '../protocol/wire/message-decoder.ts';
import type { MessageHandler } from '../protocol/wire/message-handler.ts';
import { MessageWriter } from '../protocol/wire/message-writer.ts';
import { VIOLATION_NONE } from '../protocol/wire/violation.ts';
import { wireLimits } from '../protocol/wire/wire-limits.ts';
import { type CloseReason, reasonOfFailure, reasonOfViolation } from './close-reason.ts';
import { FloodGuard } from './flood-guard.ts';
import { MAX_ALLOWED_FAST, MAX_TURN_OUTPUT_BYTES, MAX_UNSENT_BYTES } from './limits.ts';
import type { PeerHost, PeerRouter, PeerShared } from './peer-host.ts';
import type { PeerCandidate } from './peer-list.ts';
import { PeerUpload } from './peer-upload.ts';
import type { PartialPiece } from './piece-states.ts';
import { RequestQueue } from './request-queue.ts';

export const PEER_DIALLING = 0;
export const PEER_HANDSHAKING = 1;
export const PEER_READY = 2;
export const PEER_CLOSED = 3;

/** What the features of our handshake say; the extension protocol and the DHT bit come with what they announce. */
const OUR_FEATURES = { fast: true, extension: false, dht: false } as const;

export class Peer implements ConnectionHandler, MessageHandler {
  readonly connectionId: number;
  readonly isIncoming: boolean;
  readonly openedAt: number;
  state: number;
  closeReason: CloseReason | null = null;
  /** Set from the start for dialled peers, with the info hash for accepted ones. */
  candidate: PeerCandidate | null;
  peerIdHex = '';
  client = '';
  supportsFast = false;
  have: BitSet;
  /** Counted as a seed in the availability. */
  isSeed = false;
  amInterested = false;
  peerInterested = false;
  peerChoking = true;
  readonly allowedFast: PieceIndex[] = [];
  readonly requests = new RequestQueue();
  currentPiece: PartialPiece | null = null;
  exhaustedAt = -1;
  /** Pieces of `have` that we need; kept by the swarm. */
  neededPieces = 0;
  isDirty = false;
  readonly downMeter: RateMeter;
  /** What we give to it. */
  readonly upload: PeerUpload;
  /** Payload in bytes of blocks that we had no use for. */
  wastedBytes = 0;
  lastReceivedAt: number;
  lastSentAt: number;
  lastUsefulAt: number;
  readonly #shared: PeerShared;
  readonly #router: PeerRouter | null;
  #host: PeerHost | null;
  #connection: Connection | null = null;
  #handshake: HandshakeDecoder | null = new HandshakeDecoder();
  #handshakeSent = false;
  #decoder: MessageDecoder | null = null;
  readonly #writer = new MessageWriter(MAX_TURN_OUTPUT_BYTES);
  #mayAnnounceSet = true;
  #slot: SlotId | typeof NO_SLOT = NO_SLOT;
  readonly #floods: FloodGuard;

  /** A peer to dial: give `host` and `candidate`; an accepted one: give `router`. `attach` follows at once. */
  constructor(
    connectionId: number,
    shared: PeerShared,
    host: PeerHost | null,
    candidate: PeerCandidate | null,
    router: PeerRouter | null,
  ) {
    const now = shared.time.now();
    this.connectionId = connectionId;
    this.#shared = shared;
    this.#host = host;
    this.candidate = candidate;
    this.#router = router;
    this.isIncoming = router !== null;
    this.state = this.isIncoming ? PEER_HANDSHAKING : PEER_DIALLING;
    this.have = new BitSet(host === null ? 0 : host.pieceCount);
    this.openedAt = now;
    this.lastReceivedAt = now;
    this.lastSentAt = now;
    this.lastUsefulAt = now;
    this.#floods = new FloodGuard(now);
    this.downMeter = new RateMeter(now, 4000);
    this.upload = new PeerUpload(shared, now);
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  get endpoint(): Endpoint {
    return this.#connection!.remote;
  }

  /** `ADDRESS:PORT` of the other side. */
  get name(): string {
    return formatEndpoint(this.endpoint);
  }

  get isReady(): boolean {
    return this.state === PEER_READY;
  }

  get isIdle(): boolean {
    return this.requests.live === 0;
  }

  get isSnubbed(): boolean {
    return this.requests.isSnubbed;
  }

  get downloadRate(): number {
    return this.downMeter.rate(this.#shared.time.now());
  }

  get amChoking(): boolean {
    return this.upload.isChoking;
  }

  get chokeChangedAt(): number {
    return this.upload.chokeChangedAt;
  }

  get sentSinceUnchoke(): number {
    return this.upload.sentSinceUnchoke;
  }

  owes(piece: PieceIndex, block: number): boolean {
    return this.requests.find(piece, block) >= 0;
  }

  /** Ends the connection; the host hears of it at once. Harmless when it is closed. */
  close(reason: CloseReason): void {
    if (this.state === PEER_CLOSED) return;
    this.#finish(reason);
    this.#connection!.abort();
  }

  // Outgoing messages; written by `flush`.

  sendHaves(verified: BitSet): void {
    if (this.supportsFast && verified.isFull) this.#writer.haveAll();
    else if (this.supportsFast && verified.isEmpty) this.#writer.haveNone();
    else if (!verified.isEmpty) this.#writer.bitfield(verified.bytes);
    this.#touch();
  }

  sendHave(piece: PieceIndex): void {
    this.#writer.have(piece);
    this.#touch();
  }

  setInterested(interested: boolean): void {
    if (this.amInterested === interested) return;
    this.amInterested = interested;
    if (interested) this.#writer.interested();
    else this.#writer.notInterested();
    this.#touch();
  }

  sendRequest(piece: PieceIndex, block: number, length: number): void {
    this.#writer.request(piece, block * BLOCK_LENGTH, length);
  }

  sendCancel(piece: PieceIndex, block: number, length: number): void {
    this.#writer.cancel(piece, block * BLOCK_LENGTH, length);
    this.#touch();
  }

  setChoking(choking: boolean, now: number): void {
    if (this.amChoking === choking) return;
    this.upload.setChoking(choking, now, this.#writer, this.supportsFast);
    this.#touch();
  }

  /** Says that a request will not be served; a peer without the fast extension is not told (BEP 6). */
  sendReject(piece: number, begin: number, length: number): void {
    if (!this.supportsFast) return;
    this.#writer.reject(piece, begin, length);
    this.#touch();
  }

  /** Lends a block in a slot held by the disk to the connection. */
  sendBlock(piece: number, begin: number, length: number, slot: SlotId): void {
    this.upload.send(this.#connection!, piece, begin, length, slot);
    this.lastSentAt = this.#shared.time.now();
  }

  sendKeepAlive(): void {
    this.#writer.keepAlive();
    this.#touch();
  }

  /** Hands what was gathered to the connection: one write a turn. */
  flush(): void {
    if (this.state === PEER_CLOSED || this.#writer.length === 0) return;
    if (this.#writer.overflowed || this.#connection!.unsentBytes > MAX_UNSENT_BYTES) {
      this.close('not-reading');
      return;
    }
    this.#connection!.write(this.#writer.bytes());
    this.#writer.clear();
    this.lastSentAt = this.#shared.time.now();
  }

  // ConnectionHandler

  onConnected(): void {
    if (this.state === PEER_CLOSED) return;
    this.state = PEER_HANDSHAKING;
    this.#sendHandshake();
  }

  onData(bytes: Uint8Array, start: number, end: number): void {
    if (this.state === PEER_CLOSED) return;
    this.lastReceivedAt = this.#shared.time.now();
    const at = this.#handshake === null ? start : this.#takeHandshake(bytes, start, end);
    if (at < 0 || at === end) return;
    const violation = this.#decoder!.feed(bytes, at, end, this);
    // A handler that closed this peer stopped the decoder; only a violation of the bytes is news here.
    if (violation !== VIOLATION_NONE) this.close(reasonOfViolation(violation));
  }

  onDrained(): void {
    // What there is to send is decided by the turn, which hears of blocks that were written.
  }

  onBlocksWritten(count: number): void {
    const now = this.#shared.time.now();
    for (let i = 0; i < count; i++) this.#host!.onPeerSent(this, this.upload.takeBack(now), now);
    this.lastUsefulAt = now;
  }

  onClosed(failure: Failure): void {
    this.upload.takeBackAll();
    if (this.state === PEER_CLOSED) return;
    this.#finish(reasonOfFailure(failure.code, this.state !== PEER_DIALLING));
  }

  // MessageHandler

  onKeepAlive(): void {
    this.countUseless();
  }

  onChoke(): void {
    this.countUseless();
    if (this.peerChoking) return;
    this.peerChoking = true;
    this.#host!.onPeerChoked(this);
    this.#touch();
  }

  onUnchoke(): void {
    this.countUseless();
    if (!this.peerChoking) return;
    this.peerChoking = false;
    this.exhaustedAt = -1;
    // A peer without the fast extension dropped what we had asked before it choked us (BEP 3).
    this.requests.dropReleased();
    this.#touch();
  }

  onInterested(): void {
    this.countUseless();
    this.peerInterested = true;
    this.#host!.onPeerInterest(this);
  }

  onNotInterested(): void {
    this.countUseless();
    this.peerInterested = false;
    this.#host!.onPeerInterest(this);
  }

  onHave(piece: number): void {
    this.#mayAnnounceSet = false;
    if (piece >= this.have.length) {
      this.close('bad-piece-index');
      return;
    }
    if (!this.have.add(piece)) {
      this.countUseless();
      return;
    }
    this.#host!.onPeerHas(this, piece as PieceIndex);
  }

  onBitfield(bitfield: Uint8Array): void {
    const have = BitSet.fromBytes(bitfield, this.have.length);
    if (have === null) this.close('bad-bitfield');
    else this.#onSet(have);
  }

  onHaveAll(): void {
    if (!this.supportsFast) {
      this.close('out-of-turn');
      return;
    }
    const all = new BitSet(this.have.length);
    all.fill();
    this.#onSet(all);
  }

  onHaveNone(): void {
    if (!this.#mayAnnounceSet || !this.supportsFast) {
      this.close('out-of-turn');
      return;
    }
    this.#mayAnnounceSet = false;
  }

  onRequest(piece: number, begin: number, length: number): void {
    if (this.amChoking && this.#floods.countChokedRequest(this.#shared.time.now())) this.close('flood');
    else this.#host!.onPeerRequest(this, piece, begin, length);
  }

  onCancel(piece: number, begin: number, length: number): void {
    this.countUseless();
    if (this.upload.hasQueue) this.#host!.onPeerCancel(this, piece, begin, length);
  }

  onBlockStart(piece: number, begin: number, length: number): Uint8Array | null {
    // A block that cannot exist is one that was never asked for: -1 is in no queue.
    const block = this.#blockIndex(piece, begin);
    this.#slot = this.#host!.blockTarget(this, piece as PieceIndex, block, length);
    return this.#slot === NO_SLOT ? null : this.#shared.arena.view(this.#slot);
  }

  onBlockEnd(piece: number, begin: number, length: number): void {
    const now = this.#shared.time.now();
    this.downMeter.add(length, now);
    this.#host!.onPayload(length, now);
    const slot = this.#slot;
    this.#slot = NO_SLOT;
    if (slot === NO_SLOT) {
      this.#host!.onPeerDirty(this);
      return;
    }
    this.lastUsefulAt = now;
    this.#host!.onPeerBlock(this, piece as PieceIndex, begin / BLOCK_LENGTH, length, slot);
  }

  onReject(piece: number, begin: number): void {
    if (!this.supportsFast) {
      this.close('out-of-turn');
      return;
    }
    const block = this.#blockIndex(piece, begin);
    this.countUseless();
    if (block >= 0) this.#host!.onPeerRejected(this, piece as PieceIndex, block);
    this.#touch();
  }

  onAllowedFast(piece: number): void {
    this.countUseless();
    if (piece >= this.have.length || this.allowedFast.length >= MAX_ALLOWED_FAST) return;
    if (this.allowedFast.includes(piece as PieceIndex)) return;
    this.allowedFast.push(piece as PieceIndex);
    this.#touch();
  }

  onSuggest(): void {
    this.countUseless();
  }

  onPort(): void {
    this.countUseless();
  }

  onExtended(): void {
    this.countUseless();
  }

  onUnknown(): void {
    this.countUseless();
  }

  /** Counts payload that we had no use for; `wasAsked` when we asked for it once. Closes a peer that overdoes it. */
  countWaste(bytes: number, wasAsked: boolean): void {
    this.wastedBytes += bytes;
    if (!wasAsked && this.#floods.countUnrequested(bytes)) this.close('unrequested-data');
  }

  #finish(reason: CloseReason): void {
    const hadHost = this.#host;
    this.state = PEER_CLOSED;
    this.closeReason = reason;
    this.#decoder?.stop();
    if (this.#slot !== NO_SLOT) this.#shared.arena.release(this.#slot, OWNER_PEER);
    this.#slot = NO_SLOT;
    if (hadHost !== null) hadHost.onPeerClosed(this, reason);
    else this.#router!.onUnroutedClosed(this);
  }

  /** Feeds the handshake; returns where the messages begin, or -1 when the peer is closed or not done. */
  #takeHandshake(bytes: Uint8Array, start: number, end: number): number {
    const handshake = this.#handshake!;
    const at = start + handshake.feed(bytes, start, end);
    if (handshake.violation !== VIOLATION_NONE) {
      this.close(reasonOfViolation(handshake.violation));
      return -1;
    }
    if (handshake.hasInfoHash && !this.#acceptInfoHash(handshake)) return -1;
    if (!handshake.isComplete) return -1;
    this.#handshake = null;
    this.peerIdHex = toHex(handshake.peerId);
    this.client = clientName(handshake.peerId);
    this.supportsFast = handshake.features.fast && OUR_FEATURES.fast;
    this.state = PEER_READY;
    this.#host!.onPeerReady(this);
    return this.state === PEER_READY ? at : -1;
  }

  /** True when the info hash is that of our torrent; an accepted peer gets its host and our handshake here. */
  #acceptInfoHash(handshake: HandshakeDecoder): boolean {
    if (this.#decoder !== null) return true;
    if (this.#host === null) {
      const route = this.#router!.hostFor(handshake.infoHash, this);
      if (typeof route === 'string') {
        this.close(route);
        return false;
      }
      this.#host = route.host;
      this.candidate = route.candidate;
      this.have = new BitSet(route.host.pieceCount);
    } else if (!bytesEqual(this.#host.infoHash, handshake.infoHash)) {
      this.close('wrong-info-hash');
      return false;
    }
    this.#decoder = new MessageDecoder(wireLimits(this.#host.pieceCount), this.#shared.blockCopy);
    this.#sendHandshake();
    return true;
  }

  #sendHandshake(): void {
    if (this.#handshakeSent) return;
    this.#handshakeSent = true;
    this.#connection!.write(encodeHandshake(this.#host!.infoHash, this.#shared.peerId, OUR_FEATURES));
    this.lastSentAt = this.#shared.time.now();
  }

  /** The block's index when piece and begin are ones that we could have asked for, else -1. */
  #blockIndex(piece: number, begin: number): number {
    if (piece >= this.have.length || begin % BLOCK_LENGTH !== 0) return -1;
    return begin / BLOCK_LENGTH;
  }

  /** A set that comes later is so many haves: aria2 sends it where it is shorter than they are. What it lacks stays. */
  #onSet(have: BitSet): void {
    if (this.#mayAnnounceSet) {
      this.#mayAnnounceSet = false;
      this.have = have;
      this.#host!.onPeerHasSet(this);
      return;
    }
    this.countUseless();
    for (let piece = have.nextSet(0); piece >= 0 && this.isReady; piece = have.nextSet(piece + 1)) {
      if (this.have.add(piece)) this.#host!.onPeerHas(this, piece as PieceIndex);
    }
  }

  #touch(): void {
    this.#host!.onPeerDirty(this);
  }

  /** A message that is of no use, or of little; too many are a flood. */
  countUseless(): void {
    if (this.#floods.countIdle(this.#shared.time.now())) this.close('flood');
  }
}
