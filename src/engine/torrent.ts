/**
 * Owns one torrent's life: opening → checking → downloading → complete; stopping → stopped and error from anywhere. It wires
 * the deciders of one swarm together and tells the outside what happened; it decides nothing about pieces, peers or trackers.
 *
 * Invariants: the storage is open at the disk from a successful `onOpened` until `release`; peers and announces exist only
 * while downloading or complete; `stopped` is told once, after the trackers' farewell and the disk's release both ended.
 */
import { BitSet } from '../base/bit-set.ts';
import { InputError } from '../base/input-error.ts';
import type { PieceIndex, SlotId, StorageId } from '../base/numbers.ts';
import { toHex } from '../base/text.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { Failure } from '../ports/failure.ts';
import type { PartialPieceRecord, ResumeData, StoredTorrent } from '../ports/state-store.ts';
import { FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import type { RateLimits, TorrentRequest } from './api.ts';
import { ByteCounts } from './byte-counts.ts';
import type { CloseReason } from './close-reason.ts';
import { Downloader, type DownloadWorld } from './downloader.ts';
import type { PeerSnapshot, TorrentState } from './events.ts';
import { failureSentence } from './failure-text.ts';
import { checkUserPeers, seekKnownPeers } from './known-peers.ts';
import type { LimitedTorrent } from './limited-torrents.ts';
import { PEERS_LOW, SWEEP_MS } from './limits.ts';
import { Padding } from './padding.ts';
import type { Peer } from './peer.ts';
import type { PeerCandidate } from './peer-list.ts';
import { PieceStates } from './piece-states.ts';
import { RateLimiter } from './rate-limiter.ts';
import { type Selection, selectFiles, storageSpec } from './selection.ts';
import { reachedShareLimit } from './share-limit.ts';
import { Swarm, type SwarmWorld } from './swarm.ts';
import {
  checkedEvent,
  completedEvent,
  errorEvent,
  metadataEvent,
  peerConnectedEvent,
  peerDisconnectedEvent,
  stoppedEvent,
} from './torrent-events.ts';
import { TorrentMemory } from './torrent-memory.ts';
import type { TorrentShared } from './torrent-shared.ts';
import { TorrentTrackers } from './torrent-trackers.ts';
import { Uploader, type UploadWorld } from './uploader.ts';

export class Torrent implements SwarmWorld, DownloadWorld, UploadWorld, LimitedTorrent, TimerOwner {
  readonly metainfo: Metainfo;
  readonly infoHash: string;
  readonly storage: StorageId;
  readonly selection: Selection;
  readonly layout: FileLayout;
  readonly startedAt: number;
  state: TorrentState = 'opening';
  errorSentence: string | null = null;
  checkedPieces = 0;
  readonly bytes: ByteCounts;
  isDirty = false;
  swarm: Swarm | null = null;
  downloader: Downloader | null = null;
  uploader: Uploader | null = null;
  readonly #request: TorrentRequest;
  readonly #shared: TorrentShared;
  trackers: TorrentTrackers;
  readonly #padding: Padding;
  readonly #sweepTimer = new Timer(this);
  #memory: TorrentMemory;
  readonly #downLimiter: RateLimiter;
  readonly #upLimiter: RateLimiter;
  #seedingSince: number | null = null;
  #shareLimitTold = false;
  #isStarted = false;
  #isStorageOpen = false;
  #isReleased = false;

  /** Throws `InputError` for a torrent without a v1 part, a selection or a peer that makes no sense. */
  constructor(storage: StorageId, request: TorrentRequest, shared: TorrentShared) {
    const { metainfo } = request;
    if (metainfo.infoHashV1 === null) {
      throw new InputError(
        'v2-only',
        `${metainfo.name} is a v2-only torrent, which cannot be downloaded yet`,
      );
    }
    checkUserPeers(request.peers);
    this.metainfo = metainfo;
    this.infoHash = toHex(metainfo.infoHashV1);
    this.storage = storage;
    this.startedAt = shared.time.now();
    this.layout = new FileLayout(
      metainfo.files.map((file) => file.length),
      metainfo.pieceLength,
    );
    this.selection = selectFiles(metainfo, this.layout, request.selectedFiles);
    this.#padding = new Padding(
      this.layout,
      metainfo.files.map((file) => file.isPadding),
    );
    this.bytes = new ByteCounts(this.layout, this.#padding, this.selection.isWanted, metainfo.totalLength);
    this.#request = request;
    this.#shared = shared;
    this.#downLimiter = new RateLimiter(request.limits.maxDownRate, this.startedAt);
    this.#upLimiter = new RateLimiter(request.limits.maxUpRate, this.startedAt);
    this.trackers = this.#makeTrackers();
    this.#memory = new TorrentMemory(this, request, shared, null);
  }

  setLimits(limits: RateLimits): void {
    const now = this.#shared.time.now();
    this.#downLimiter.setRate(limits.maxDownRate, now);
    this.#upLimiter.setRate(limits.maxUpRate, now);
    this.onLimitLifted();
  }

  /** Asks the disk to open the storage. Called once; `stored` is what an earlier session left. */
  start(stored: StoredTorrent | null): void {
    this.#isStarted = true;
    this.#memory = new TorrentMemory(this, this.#request, this.#shared, stored);
    this.#shared.events.emit(metadataEvent(this));
    const { directory } = this.#request;
    // What stands there under our names is ours, also when a power failure took what would prove it.
    const overwrite = this.#request.overwrite || stored?.settings.directory === directory;
    const { partsFolder } = this.#shared;
    const spec = storageSpec(this.metainfo, this.selection, this.infoHash, directory, partsFolder, overwrite);
    this.#shared.disk.open(this.storage, spec, this.#memory.keeper.resume);
    this.#memory.keeper.start();
  }

  /** The store lost what it had. */
  saveAll(): void {
    this.#memory.keeper.start(true);
  }

  /** Leaves the swarm; what is hashed meanwhile still counts. Harmless unless it downloads or seeds. */
  pause(): void {
    if (this.state !== 'downloading' && this.state !== 'seeding') return;
    this.state = 'paused';
    this.#leaveSwarm();
  }

  /** Joins the swarm again, as a newcomer to its trackers. Harmless unless it is paused. */
  resume(): void {
    if (this.state !== 'paused') return;
    const isDone = this.downloader!.states.neededPieces === 0;
    this.state = isDone ? 'seeding' : 'downloading';
    this.trackers = this.#makeTrackers();
    this.swarm!.reopen();
    this.#seekPeers();
  }

  /** Says goodbye to peers and trackers and closes the files. Harmless when it is under way. */
  stop(): void {
    if (this.state === 'stopping' || this.state === 'stopped') return;
    const previous = this.state;
    this.state = 'stopping';
    if (previous === 'error') {
      this.#finish();
      return;
    }
    // A paused torrent has said its goodbyes.
    if (previous !== 'paused') this.#leaveSwarm();
    // A storage that is still opening is released when the disk has answered.
    if (previous !== 'opening' || !this.#isStarted) this.#release();
  }

  /** Work of the turn: dials, requests, writes to peers. */
  turn(now: number): void {
    this.isDirty = false;
    if (this.swarm === null) return;
    this.swarm.dial(now);
    this.swarm.turn(now);
  }

  /** A dial may be possible now. */
  dial(now: number): void {
    this.swarm?.dial(now);
  }

  /** Takes or refuses an accepted connection. */
  admit(peer: Peer): PeerCandidate | CloseReason {
    return this.swarm === null ? 'unknown-torrent' : this.swarm.admit(peer);
  }

  /** Slots of the arena became free. */
  onSlotsFreed(): void {
    if (this.downloader?.isStarved === true || this.uploader?.isStarved === true) this.onSwarmDirty();
  }

  /** The session listens now; announces may begin. */
  onListening(): void {
    this.#startAnnouncing();
  }

  peerSnapshots(now: number): PeerSnapshot[] {
    return this.swarm?.snapshots(now) ?? [];
  }

  seedingMs(now: number): number {
    return this.#seedingSince === null ? 0 : now - this.#seedingSince;
  }

  get uploadedBytes(): number {
    return this.uploader?.sentBytes ?? 0;
  }

  get downloadedBytes(): number {
    return this.downloader?.receivedBytes ?? 0;
  }

  // Completions of the disk, by way of the session.

  onOpened(failure: Failure | null): void {
    this.#isStorageOpen = failure === null;
    if (this.state === 'stopping') {
      if (failure === null) this.#release();
      else this.#onReleaseEnded();
    } else if (failure !== null) this.fail(failure);
    else {
      this.state = 'checking';
      this.#shared.disk.check(this.storage);
    }
  }

  onSnapshot(resume: ResumeData | null): void {
    this.#memory.onSnapshot(resume);
  }

  onChecked(have: Uint8Array, partials: readonly PartialPieceRecord[], failure: Failure | null): void {
    if (this.state !== 'checking') return;
    if (failure !== null) {
      this.fail(failure);
      return;
    }
    const verified = BitSet.fromBytes(have, this.layout.pieceCount)!;
    for (let piece = verified.nextSet(0); piece >= 0; piece = verified.nextSet(piece + 1))
      this.bytes.onVerified(piece);
    this.#join(verified);
    this.downloader!.restore(partials);
    this.#shared.events.emit(checkedEvent(this, verified.count));
    if (this.downloader!.states.neededPieces === 0) this.#complete(false);
    if (this.wantsPeers()) this.#seekPeers();
  }

  onWriteFailed(failure: Failure): void {
    this.fail(failure);
  }

  onHashed(piece: PieceIndex, matches: boolean, failure: Failure | null): void {
    if (failure !== null) this.fail(failure);
    else if (this.state === 'downloading' || this.state === 'paused')
      this.downloader!.onHashed(piece, matches);
  }

  onBlockDigests(piece: PieceIndex, digests: Uint8Array): void {
    this.downloader?.onDigests(piece, digests);
  }

  onFileCompleted(file: number, failure: Failure | null): void {
    if (failure !== null) {
      this.fail(failure);
      return;
    }
    const { path } = this.metainfo.files[file]!;
    this.#shared.events.emit({ event: 'file-completed', infoHash: this.infoHash, file, path });
  }

  onReleased(failure: Failure | null): void {
    this.#isStorageOpen = false;
    if (failure !== null && this.state !== 'error') this.#report(failure);
    this.#onReleaseEnded();
  }

  /** The torrent cannot go on: it leaves the swarm, keeps what is verified, and waits to be stopped. */
  fail(failure: Failure): void {
    if (this.state === 'error' || this.state === 'stopped' || failure.code === 'aborted') return;
    const wasStopping = this.state === 'stopping';
    this.#report(failure);
    if (wasStopping) return;
    this.state = 'error';
    this.#leaveSwarm();
    this.#release();
  }

  // DownloadWorld

  peers(): Iterable<Peer> {
    return this.swarm!.peers();
  }

  write(piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#shared.disk.write(this.storage, piece, begin, length, slot);
  }

  hash(piece: PieceIndex): void {
    this.#shared.disk.hash(this.storage, piece);
  }

  requestDigests(piece: PieceIndex): void {
    this.#shared.disk.blockDigests(this.storage, piece);
  }

  onPieceVerified(piece: PieceIndex): void {
    this.bytes.onVerified(piece);
    this.#memory.keeper.onPieceVerified(piece);
    this.#shared.events.emit({ event: 'piece-verified', infoHash: this.infoHash, piece });
    this.swarm!.onVerified(piece);
    if (this.downloader!.states.neededPieces === 0) this.#complete(true);
  }

  onPieceFailed(piece: PieceIndex): void {
    this.#shared.events.emit({ event: 'piece-failed', infoHash: this.infoHash, piece });
    this.onSwarmDirty();
  }

  banContributor(number: number): void {
    this.swarm!.ban(number);
  }

  // UploadWorld

  read(piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#shared.disk.read(this.storage, piece, begin, length, slot);
  }

  onUploadReady(): void {
    this.onSwarmDirty();
  }

  onUploadLimited(waitMs: number): void {
    this.#shared.limited.add(this, this.#shared.time.now() + waitMs);
  }

  onDownloadLimited(waitMs: number): void {
    this.#shared.limited.add(this, this.#shared.time.now() + waitMs);
  }

  onLimitLifted(): void {
    if (this.swarm !== null) this.swarm.isLimitLifted = true;
    this.onSwarmDirty();
  }

  // SwarmWorld

  onSwarmDirty(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.#shared.onTorrentDirty(this);
  }

  onPeerConnected(peer: Peer): void {
    this.#shared.events.emit(peerConnectedEvent(this.infoHash, peer));
  }

  onPeerDisconnected(peer: Peer, reason: CloseReason, message: string): void {
    if (reason !== 'corrupt-data') this.#memory.onPeerGone(peer);
    const isBanned = this.#shared.swarm.bans.has(peer.endpoint.address);
    this.#shared.events.emit(peerDisconnectedEvent(this.infoHash, peer, reason, message, isBanned));
  }

  onDialBlocked(): void {
    this.#shared.onDialBlocked();
  }

  wantsPeers(): boolean {
    return this.state === 'downloading' || this.state === 'seeding';
  }

  isComplete(): boolean {
    return this.state === 'complete' || this.state === 'seeding';
  }

  /** The goodbye to the trackers is over. */
  onFarewell(): void {
    this.#finish();
  }

  // TimerOwner

  onTimer(): void {
    const now = this.#shared.time.now();
    const { swarm } = this;
    if (swarm === null) return;
    swarm.sweep(now);
    this.#memory.keeper.sweep(now);
    this.#checkShareLimit(now);
    this.onSwarmDirty();
    if (this.state === 'downloading' && swarm.size + swarm.candidates.dialableCount < PEERS_LOW) {
      this.trackers.needPeers();
    }
    this.#shared.timers.schedule(this.#sweepTimer, now + SWEEP_MS);
  }

  /** The data is known: from here on there are peers. */
  #join(verified: BitSet): void {
    const { arena, random, time, swarm, maxPeers, reads, downLimiter, upLimiter } = this.#shared;
    this.state = 'downloading';
    const states = new PieceStates(this.layout, verified, this.selection.pieces);
    const now = time.now();
    this.downloader = new Downloader(
      {
        states,
        padding: this.#padding,
        arena,
        budget: swarm.budget,
        random,
        limiters: [this.#downLimiter, downLimiter],
        now,
      },
      this,
    );
    this.uploader = new Uploader(
      { states, arena, budget: swarm.budget, reads, random, limiters: [this.#upLimiter, upLimiter], now },
      this,
    );
    this.swarm = new Swarm(this.metainfo.infoHashV1!, maxPeers, this.downloader, this.uploader, swarm, this);
  }

  #makeTrackers(): TorrentTrackers {
    return new TorrentTrackers(this, this.metainfo.infoHashV1!, this.#request.useTrackers, this.#shared);
  }

  #seekPeers(): void {
    seekKnownPeers(this, this.#request.peers, this.#memory.keeper.goodPeers, this.#shared);
    this.#startAnnouncing();
    this.#shared.timers.schedule(this.#sweepTimer, this.#shared.time.now() + SWEEP_MS);
  }

  #startAnnouncing(): void {
    if (this.wantsPeers()) this.trackers.start();
  }

  #complete(downloadedNow: boolean): void {
    const isSeed = this.#request.seed !== null;
    // The last hash of a paused torrent may end it; a seed stays paused until it is resumed.
    if (this.state !== 'paused' || !isSeed) this.state = isSeed ? 'seeding' : 'complete';
    this.#seedingSince = this.#shared.time.now();
    // A part of a torrent is no complete one: the tracker hears `completed` only when nothing at all is missing.
    // Once in its life, too.
    const isFirst = downloadedNow && !this.#memory.keeper.wasCompletedAnnounced;
    if (isFirst && this.downloader!.states.verified.isFull) {
      this.trackers.complete();
      this.#memory.completedAnnounced = true;
    }
    this.#memory.completedAt = this.#shared.time.wallClock();
    if (isSeed) this.#memory.keeper.onComplete(this.#shared.time.now());
    for (const peer of [...this.swarm!.peers()]) if (peer.isSeed) peer.close('both-complete');
    this.#shared.events.emit(completedEvent(this, this.#shared.time.now(), downloadedNow));
  }

  #checkShareLimit(now: number): void {
    const { seed } = this.#request;
    if (seed === null || this.#seedingSince === null || this.#shareLimitTold) return;
    const { infoHash, uploadedBytes, selection } = this;
    const seedingMs = this.seedingMs(now);
    const limit = reachedShareLimit(seed, uploadedBytes, selection.wantedBytes, seedingMs);
    if (limit === null) return;
    this.#shareLimitTold = true;
    this.#shared.events.emit({ event: 'share-limit', infoHash, limit, uploadedBytes, seedingMs });
  }

  #leaveSwarm(): void {
    this.#shared.timers.cancel(this.#sweepTimer);
    this.#shared.limited.remove(this);
    this.swarm?.closeAll('stopping');
    this.trackers.stop();
  }

  #release(): void {
    if (this.#isStorageOpen) {
      this.#memory.keeper.onStopping(this.#shared.time.now());
      this.#shared.disk.release(this.storage);
    } else this.#onReleaseEnded();
  }

  #onReleaseEnded(): void {
    this.#isReleased = true;
    this.#finish();
  }

  /** Stopped when both the trackers and the disk are done; a failed torrent stays until it is told to stop. */
  #finish(): void {
    const { farewell } = this.trackers;
    if (!this.#isReleased || farewell === null || this.state !== 'stopping') return;
    this.state = 'stopped';
    const { told, notTold } = farewell;
    this.#shared.events.emit(stoppedEvent(this, told, notTold));
    this.#shared.onTorrentStopped(this);
  }

  #report(failure: Failure): void {
    this.errorSentence = failureSentence(failure);
    this.#shared.events.emit(errorEvent(this.infoHash, failure));
  }
}
