/**
 * Owns one torrent's life: opening → checking → downloading → complete; stopping → stopped and error from anywhere. It wires
 * the deciders of one swarm together and tells the outside what happened; it decides nothing about pieces, peers or trackers.
 *
 * Invariants: the storage is open at the disk from a successful `onOpened` until `release`; peers and announces exist only
 * while downloading or complete; `stopped` is told once, after the trackers' farewell and the disk's release both ended.
 */
import type { Arena } from '../base/arena.ts';
import { BitSet } from '../base/bit-set.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { InputError } from '../base/input-error.ts';
import type { PieceIndex, SlotId, StorageId } from '../base/numbers.ts';
import type { Random } from '../base/random.ts';
import { toHex } from '../base/text.ts';
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';
import type { Disk } from '../ports/disk.ts';
import type { Failure } from '../ports/failure.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { Time } from '../ports/time.ts';
import { FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import type { AnnounceCounters } from '../protocol/tracker/announce.ts';
import { type AnnounceReport, Announcer, type AnnouncerSummary, type AnnouncerWorld } from './announcer.ts';
import type { TorrentRequest } from './api.ts';
import { ByteCounts } from './byte-counts.ts';
import type { CloseReason } from './close-reason.ts';
import { Downloader, type DownloadWorld } from './downloader.ts';
import type { EventSink, PeerSnapshot, TorrentState, TrackerSnapshot } from './events.ts';
import { failureSentence } from './failure-text.ts';
import { PEERS_LOW, STOP_TIMEOUT_MS, SWEEP_MS } from './limits.ts';
import { Padding } from './padding.ts';
import type { Peer } from './peer.ts';
import type { PeerCandidate } from './peer-list.ts';
import { PieceStates } from './piece-states.ts';
import { type Selection, selectFiles, storageSpec } from './selection.ts';
import { Swarm, type SwarmShared, type SwarmWorld } from './swarm.ts';
import type { AnnounceClient } from './tracker-announce.ts';
import { checkUserPeers, resolveUserPeers, type UserPeerHandler } from './user-peers.ts';

/** What a session lends to its torrents. */
export interface TorrentShared {
  readonly swarm: SwarmShared;
  readonly maxPeers: number;
  readonly arena: Arena;
  readonly disk: Disk;
  readonly time: Time;
  readonly timers: TimerQueue;
  readonly random: Random;
  readonly resolver: Resolver;
  readonly announceClient: AnnounceClient;
  readonly peerId: Uint8Array;
  readonly events: EventSink;
  /** A fresh key for trackers, 0 to 2^32 - 1. */
  announceKey(): number;
  listenPort(): number;
  onTorrentDirty(torrent: Torrent): void;
  onDialBlocked(): void;
  /** The torrent stopped and holds nothing any more. */
  onTorrentStopped(torrent: Torrent): void;
}

export class Torrent implements SwarmWorld, DownloadWorld, AnnouncerWorld, UserPeerHandler, TimerOwner {
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
  readonly #request: TorrentRequest;
  readonly #shared: TorrentShared;
  readonly #announcer: Announcer;
  readonly #padding: Padding;
  readonly #sweepTimer: Timer;
  #isStorageOpen = false;
  #isReleased = false;
  #isAnnouncing = false;
  #farewell: { told: number; notTold: number } | null = null;

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
    this.#sweepTimer = new Timer(this);
    this.#announcer = this.#makeAnnouncer(metainfo.infoHashV1);
  }

  /** Asks the disk to open the storage. Called once. */
  start(): void {
    const { metainfo } = this;
    this.#shared.events.emit({
      event: 'metadata',
      infoHash: this.infoHash,
      name: metainfo.name,
      totalBytes: metainfo.totalLength,
      wantedBytes: this.selection.wantedBytes,
      pieceLength: metainfo.pieceLength,
      pieceCount: this.layout.pieceCount,
      fileCount: metainfo.files.filter((file) => !file.isPadding).length,
      isPrivate: metainfo.isPrivate,
    });
    const { directory, overwrite } = this.#request;
    const spec = storageSpec(metainfo, this.selection, this.infoHash, directory, overwrite);
    this.#shared.disk.open(this.storage, spec);
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
    this.#leaveSwarm();
    // A storage that is still opening is released when the disk has answered.
    if (previous !== 'opening') this.#release();
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
    if (this.downloader?.isStarved === true) this.onSwarmDirty();
  }

  /** The session listens now; announces may begin. */
  onListening(): void {
    this.#startAnnouncing();
  }

  trackerSnapshots(now: number): TrackerSnapshot[] {
    return this.#announcer.snapshots(now);
  }

  trackerSummary(now: number): AnnouncerSummary {
    return this.#announcer.summary(now);
  }

  peerSnapshots(now: number): PeerSnapshot[] {
    return this.swarm?.snapshots(now) ?? [];
  }

  get uploadedBytes(): number {
    let bytes = this.swarm?.uploadedBytes ?? 0;
    for (const peer of this.swarm?.peers() ?? []) bytes += peer.upMeter.total;
    return bytes;
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

  onChecked(have: Uint8Array, failure: Failure | null): void {
    if (this.state !== 'checking') return;
    if (failure !== null) {
      this.fail(failure);
      return;
    }
    const verified = BitSet.fromBytes(have, this.layout.pieceCount)!;
    for (let piece = verified.nextSet(0); piece >= 0; piece = verified.nextSet(piece + 1))
      this.bytes.onVerified(piece);
    this.#join(verified);
    this.#shared.events.emit({
      event: 'checked',
      infoHash: this.infoHash,
      verifiedPieces: verified.count,
      pieceCount: this.layout.pieceCount,
      verifiedBytes: this.bytes.verifiedWanted,
      wantedBytes: this.selection.wantedBytes,
    });
    if (this.downloader!.states.neededPieces === 0) this.#complete(false);
    else {
      resolveUserPeers(this.#request.peers, this.#shared.resolver, this);
      this.#startAnnouncing();
      this.#shared.timers.schedule(this.#sweepTimer, this.#shared.time.now() + SWEEP_MS);
    }
  }

  onWriteFailed(failure: Failure): void {
    this.fail(failure);
  }

  onHashed(piece: PieceIndex, matches: boolean, failure: Failure | null): void {
    if (failure !== null) this.fail(failure);
    else if (this.state === 'downloading') this.downloader!.onHashed(piece, matches);
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

  // SwarmWorld

  onSwarmDirty(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.#shared.onTorrentDirty(this);
  }

  onPeerConnected(peer: Peer): void {
    this.#shared.events.emit({
      event: 'peer-connected',
      infoHash: this.infoHash,
      peer: peer.name,
      client: peer.client,
      source: peer.candidate!.source,
    });
  }

  onPeerDisconnected(peer: Peer, reason: CloseReason, message: string): void {
    this.#shared.events.emit({
      event: 'peer-disconnected',
      infoHash: this.infoHash,
      peer: peer.name,
      reason,
      message,
      isBanned: this.#shared.swarm.bans.has(peer.endpoint.address),
      downloadedBytes: peer.downMeter.total,
      uploadedBytes: peer.upMeter.total,
    });
  }

  onDialBlocked(): void {
    this.#shared.onDialBlocked();
  }

  isComplete(): boolean {
    return this.state === 'complete';
  }

  // AnnouncerWorld

  counters(): AnnounceCounters {
    return { uploaded: this.uploadedBytes, downloaded: this.downloadedBytes, left: this.bytes.left };
  }

  announcePort(): number {
    return this.#shared.listenPort();
  }

  onTrackerPeers(peers: readonly Endpoint[], trackerAddress: string | null): void {
    for (const peer of peers) this.swarm?.addCandidate(peer, 'tracker', trackerAddress);
  }

  onAnnounceDone(report: AnnounceReport): void {
    this.#shared.events.emit({ event: 'tracker', infoHash: this.infoHash, ...report });
  }

  onAnnouncerStopped(told: number, notTold: number): void {
    this.#farewell = { told, notTold };
    this.#finish();
  }

  // UserPeerHandler

  onUserPeer(endpoint: Endpoint): void {
    this.swarm?.addCandidate(endpoint, 'user', null);
  }

  onUserPeerFailed(peer: string, failure: Failure): void {
    this.#shared.events.emit({
      event: 'peer-disconnected',
      infoHash: this.infoHash,
      peer,
      reason: 'dial-failed',
      message: `${peer} could not be resolved: ${failure.code.replaceAll('-', ' ')}`,
      isBanned: false,
      downloadedBytes: 0,
      uploadedBytes: 0,
    });
  }

  // TimerOwner

  onTimer(): void {
    const now = this.#shared.time.now();
    const { swarm } = this;
    if (swarm === null || (this.state !== 'downloading' && this.state !== 'complete')) return;
    swarm.sweep(now);
    this.onSwarmDirty();
    if (this.state === 'downloading' && swarm.size + swarm.candidates.dialableCount < PEERS_LOW) {
      this.#announcer.needPeers();
    }
    this.#shared.timers.schedule(this.#sweepTimer, now + SWEEP_MS);
  }

  #makeAnnouncer(infoHash: Uint8Array): Announcer {
    const { announceClient, timers, time, random, peerId } = this.#shared;
    return new Announcer(
      {
        infoHash,
        peerId,
        key: this.#shared.announceKey(),
        trackers: this.#request.useTrackers ? this.metainfo.trackers : [],
        client: announceClient,
        timers,
        time,
        random,
      },
      this,
    );
  }

  /** The data is known: from here on there are peers. */
  #join(verified: BitSet): void {
    const { arena, random, time, swarm, maxPeers } = this.#shared;
    this.state = 'downloading';
    const states = new PieceStates(this.layout, verified, this.selection.pieces);
    const now = time.now();
    this.downloader = new Downloader(
      { states, padding: this.#padding, arena, budget: swarm.budget, random, now },
      this,
    );
    this.swarm = new Swarm(this.metainfo.infoHashV1!, maxPeers, this.downloader, swarm, this);
  }

  #startAnnouncing(): void {
    if (this.#isAnnouncing || this.state !== 'downloading' || this.#shared.listenPort() === 0) return;
    this.#isAnnouncing = true;
    this.#announcer.start();
  }

  #complete(downloadedNow: boolean): void {
    this.state = 'complete';
    // A part of a torrent is no complete one: the tracker hears `completed` only when nothing at all is missing.
    if (downloadedNow && this.downloader!.states.verified.isFull) this.#announcer.complete();
    for (const peer of [...this.swarm!.peers()]) if (peer.isSeed) peer.close('both-complete');
    this.#shared.events.emit({
      event: 'completed',
      infoHash: this.infoHash,
      downloadedBytes: this.downloadedBytes,
      uploadedBytes: this.uploadedBytes,
      wastedBytes: this.downloader!.wastedBytes,
      durationMs: Math.round(this.#shared.time.now() - this.startedAt),
      downloadedNow,
    });
  }

  #leaveSwarm(): void {
    this.#shared.timers.cancel(this.#sweepTimer);
    this.swarm?.closeAll('stopping');
    this.#announcer.stop(STOP_TIMEOUT_MS);
  }

  #release(): void {
    if (this.#isStorageOpen) this.#shared.disk.release(this.storage);
    else this.#onReleaseEnded();
  }

  #onReleaseEnded(): void {
    this.#isReleased = true;
    this.#finish();
  }

  /** Stopped when both the trackers and the disk are done; a failed torrent stays until it is told to stop. */
  #finish(): void {
    if (!this.#isReleased || this.#farewell === null || this.state !== 'stopping') return;
    this.state = 'stopped';
    this.#shared.events.emit({
      event: 'stopped',
      infoHash: this.infoHash,
      downloadedBytes: this.downloadedBytes,
      uploadedBytes: this.uploadedBytes,
      verifiedBytes: this.bytes.verifiedWanted,
      wantedBytes: this.selection.wantedBytes,
      trackersToldStopped: this.#farewell.told,
      trackersNotTold: this.#farewell.notTold,
    });
    this.#shared.onTorrentStopped(this);
  }

  #report(failure: Failure): void {
    this.errorSentence = failureSentence(failure);
    const message = this.errorSentence;
    this.#shared.events.emit({ event: 'error', infoHash: this.infoHash, code: failure.code, message });
  }
}
