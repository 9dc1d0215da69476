/**
 * Owns one engine: its torrents by info hash, what they share (listener, bans, request budget, timers), and the turn.
 *
 * The turn runs in fixed order: disk completions → timers due → torrents with something to do (dial, fill request
 * queues, one write a peer) → submit to the disk. Inputs between turns only record. Invariants: nothing here runs
 * re-entrantly; every accepted connection is either pending (no info hash yet) or belongs to one swarm; after `closed`
 * nothing is held. It decides nothing about a single torrent.
 */
import { OWNER_DISK } from '../base/arena.ts';
import { assert } from '../base/assert.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { InputError } from '../base/input-error.ts';
import { type PieceIndex, type SlotId, type StorageId, storageId } from '../base/numbers.ts';
import { toHex } from '../base/text.ts';
import { Timer, type TimerOwner, TimerQueue } from '../base/timer-queue.ts';
import type { DiskHandler } from '../ports/disk.ts';
import type { Failure } from '../ports/failure.ts';
import type { PartialPieceRecord, ResumeData } from '../ports/state-store.ts';
import type { TurnHandler } from '../ports/time.ts';
import type { Connection, ConnectionHandler, Listener, ListenHandler } from '../ports/transport.ts';
import { MessageWriter } from '../protocol/wire/message-writer.ts';
import { createPeerId } from '../protocol/wire/peer-id.ts';
import type { Engine, EnginePorts, EngineSettings, RateLimits, TorrentRequest } from './api.ts';
import { Bans } from './bans.ts';
import type { CloseReason } from './close-reason.ts';
import { ConnectQueue } from './connect-queue.ts';
import type { PeerSnapshot, TorrentSnapshot, TrackerSnapshot } from './events.ts';
import { LimitedTorrents } from './limited-torrents.ts';
import { HANDSHAKE_TIMEOUT_MS, MAX_PENDING_INCOMING, MAX_PENDING_INCOMING_PER_ADDRESS } from './limits.ts';
import { Peer } from './peer.ts';
import type { PeerHost, PeerRouter, PeerShared } from './peer-host.ts';
import type { PeerCandidate } from './peer-list.ts';
import { RateLimiter } from './rate-limiter.ts';
import { RequestBudget } from './request-budget.ts';
import { SessionStore, type SessionStoreWorld } from './session-store.ts';
import { Torrent } from './torrent.ts';
import { errorEvent } from './torrent-events.ts';
import { torrentSnapshot } from './torrent-report.ts';
import type { TorrentShared } from './torrent-shared.ts';
import { TrackerClient } from './tracker-client.ts';
import { UploadReads } from './upload-reads.ts';

/** The least that a writer takes; one header needs 13 bytes. */
const BLOCK_HEAD_BYTES = 512;
/** How long a blocked dial waits before the queue is asked again. */
const DIAL_WAIT_MS = 50;
/** How often pending connections are looked after. */
const PENDING_SWEEP_MS = 1000;

const TIMER_DIAL = 0;
const TIMER_PENDING = 1;

export class Session
  implements Engine, TurnHandler, DiskHandler, ListenHandler, PeerRouter, SessionStoreWorld, TimerOwner
{
  readonly #ports: EnginePorts;
  readonly #settings: EngineSettings;
  readonly #timers = new TimerQueue();
  readonly #torrents = new Map<string, Torrent>();
  readonly #byStorage = new Map<StorageId, Torrent>();
  readonly #dirty: Torrent[] = [];
  readonly #pending = new Map<number, Peer>();
  readonly #store: SessionStore;
  readonly #trackerClient: TrackerClient;
  readonly #connectQueue: ConnectQueue;
  readonly #budget: RequestBudget;
  readonly #downLimiter: RateLimiter;
  readonly #upLimiter: RateLimiter;
  readonly #limited: LimitedTorrents;
  readonly #peerShared: PeerShared;
  readonly #torrentShared: TorrentShared;
  readonly #dialTimer = new Timer(this, TIMER_DIAL);
  readonly #pendingTimer = new Timer(this, TIMER_PENDING);
  #listener: Listener | null = null;
  #nextStorage = 0;
  #nextConnection = 0;
  #isClosing = false;
  #isClosed = false;
  /** Free slots of the arena at the end of the last turn. */
  #freeAfterTurn = 0;

  constructor(ports: EnginePorts, settings: EngineSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#store = new SessionStore(ports.store, ports.events, this);
    this.#budget = new RequestBudget(ports.arena);
    this.#downLimiter = new RateLimiter(settings.limits.maxDownRate, ports.time.now());
    this.#upLimiter = new RateLimiter(settings.limits.maxUpRate, ports.time.now());
    this.#limited = new LimitedTorrents(this.#timers);
    const { http, datagrams, resolver, entropy, time } = ports;
    const { bindAddress } = settings;
    this.#trackerClient = new TrackerClient({
      http,
      datagrams,
      resolver,
      entropy,
      time,
      timers: this.#timers,
      bindAddress,
    });
    this.#connectQueue = new ConnectQueue(time.now(), settings.maxConnections);
    const peerId = createPeerId(entropy);
    const blockHead = new MessageWriter(BLOCK_HEAD_BYTES);
    this.#peerShared = { time, arena: ports.arena, blockCopy: ports.blockCopy, peerId, blockHead };
    this.#torrentShared = this.#shareWithTorrents(peerId);
    time.bind(this);
    ports.disk.bind(this);
  }

  // Engine

  start(): void {
    this.#store.open();
    this.#listen(this.#settings.firstPort);
  }

  addTorrent(request: TorrentRequest): string {
    if (this.#isClosing) throw new InputError('closing', 'the engine is closing and takes no more torrents');
    const torrent = new Torrent(storageId(this.#nextStorage), request, this.#torrentShared);
    if (this.#torrents.has(torrent.infoHash)) {
      throw new InputError('duplicate-torrent', `${request.metainfo.name} is there already`);
    }
    this.#nextStorage++;
    this.#torrents.set(torrent.infoHash, torrent);
    this.#byStorage.set(torrent.storage, torrent);
    if (this.#store.isReady) torrent.start(this.#store.take(torrent.infoHash));
    this.#ports.time.requestTurn();
    return torrent.infoHash;
  }

  removeTorrent(infoHash: string): void {
    this.#torrents.get(infoHash)?.stop();
    this.#ports.time.requestTurn();
  }

  pauseTorrent(infoHash: string): void {
    this.#torrents.get(infoHash)?.pause();
    this.#ports.time.requestTurn();
  }

  resumeTorrent(infoHash: string): void {
    this.#torrents.get(infoHash)?.resume();
    this.#ports.time.requestTurn();
  }

  announceNow(infoHash: string): void {
    this.#torrents.get(infoHash)?.trackers.needPeers();
    this.#ports.time.requestTurn();
  }

  pieceAvailability(infoHash: string): Uint8Array | null {
    return this.#torrents.get(infoHash)?.downloader?.availability.snapshot() ?? null;
  }

  setLimits(infoHash: string | null, limits: RateLimits): void {
    if (infoHash !== null) this.#torrents.get(infoHash)?.setLimits(limits);
    else {
      const now = this.#ports.time.now();
      this.#downLimiter.setRate(limits.maxDownRate, now);
      this.#upLimiter.setRate(limits.maxUpRate, now);
      for (const torrent of this.#torrents.values()) torrent.onLimitLifted();
    }
    this.#ports.time.requestTurn();
  }

  torrentSnapshots(): TorrentSnapshot[] {
    return [...this.#torrents.values()].map((torrent) => torrentSnapshot(torrent, this.#ports.time));
  }

  torrentSnapshot(infoHash: string): TorrentSnapshot | null {
    const torrent = this.#torrents.get(infoHash);
    return torrent === undefined ? null : torrentSnapshot(torrent, this.#ports.time);
  }

  peerSnapshots(infoHash: string): PeerSnapshot[] {
    return this.#torrents.get(infoHash)?.peerSnapshots(this.#ports.time.now()) ?? [];
  }

  trackerSnapshots(infoHash: string): TrackerSnapshot[] {
    return this.#torrents.get(infoHash)?.trackers.snapshots(this.#ports.time.now()) ?? [];
  }

  verifiedPieces(infoHash: string): Uint8Array | null {
    const states = this.#torrents.get(infoHash)?.downloader?.states;
    return states === undefined ? null : states.verified.bytes.slice();
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#listener?.close();
    for (const peer of [...this.#pending.values()]) peer.close('stopping');
    for (const torrent of [...this.#torrents.values()]) torrent.stop();
    this.#ports.time.requestTurn();
    this.#closeWhenEmpty();
  }

  // TurnHandler

  onTurn(): void {
    if (this.#isClosed) return;
    const { disk, time } = this.#ports;
    this.#store.deliver();
    disk.deliver();
    this.#timers.runDue(time.now());
    // Slots come back from the disk and from sockets.
    if (this.#ports.arena.freeCount > this.#freeAfterTurn) {
      for (const torrent of this.#torrents.values()) torrent.onSlotsFreed();
    }
    this.#runTorrents(time.now());
    this.#freeAfterTurn = this.#ports.arena.freeCount;
    disk.submit();
    time.wakeAt(this.#timers.nextAt);
  }

  // ListenHandler, PeerRouter

  onAccepted(connection: Connection): ConnectionHandler | null {
    if (this.#isClosing || this.#pending.size >= MAX_PENDING_INCOMING || !this.#connectQueue.hasRoom)
      return null;
    const { address } = connection.remote;
    if (this.#torrentShared.swarm.bans.has(address)) return null;
    let fromAddress = 0;
    for (const peer of this.#pending.values()) if (peer.endpoint.address === address) fromAddress++;
    if (fromAddress >= MAX_PENDING_INCOMING_PER_ADDRESS) return null;
    const peer = new Peer(this.#newConnectionId(), this.#peerShared, null, null, this);
    peer.attach(connection);
    this.#connectQueue.open++;
    this.#pending.set(peer.connectionId, peer);
    if (!this.#pendingTimer.isScheduled) this.#schedulePendingSweep();
    return peer;
  }

  hostFor(infoHash: Uint8Array, peer: Peer): { host: PeerHost; candidate: PeerCandidate } | CloseReason {
    const torrent = this.#torrents.get(toHex(infoHash));
    if (torrent === undefined) return 'unknown-torrent';
    const admitted = torrent.admit(peer);
    if (typeof admitted === 'string') return admitted;
    this.#pending.delete(peer.connectionId);
    return { host: torrent.swarm!, candidate: admitted };
  }

  onUnroutedClosed(peer: Peer): void {
    this.#connectQueue.open--;
    this.#pending.delete(peer.connectionId);
  }

  // TimerOwner

  onTimer(kind: number): void {
    const now = this.#ports.time.now();
    if (kind === TIMER_DIAL) {
      for (const torrent of this.#torrents.values()) torrent.dial(now);
      return;
    }
    for (const peer of this.#pending.values()) {
      if (now - peer.openedAt > HANDSHAKE_TIMEOUT_MS) peer.close('handshake-timeout');
    }
    if (this.#pending.size > 0) this.#schedulePendingSweep();
  }

  // DiskHandler

  onOpened(storage: StorageId, failure: Failure | null): void {
    this.#byStorage.get(storage)?.onOpened(failure);
  }

  onCheckProgress(storage: StorageId, checkedPieces: number): void {
    const torrent = this.#byStorage.get(storage);
    if (torrent !== undefined) torrent.checkedPieces = checkedPieces;
  }

  onChecked(
    storage: StorageId,
    have: Uint8Array,
    partials: readonly PartialPieceRecord[],
    failure: Failure | null,
  ): void {
    this.#byStorage.get(storage)?.onChecked(have, partials, failure);
  }

  onSnapshot(storage: StorageId, resume: ResumeData | null): void {
    this.#byStorage.get(storage)?.onSnapshot(resume);
  }

  onWritten(storage: StorageId, slot: SlotId, failure: Failure | null): void {
    this.#ports.arena.release(slot, OWNER_DISK);
    if (failure !== null) this.#byStorage.get(storage)?.onWriteFailed(failure);
  }

  onRead(storage: StorageId, slot: SlotId, failure: Failure | null): void {
    if (this.#byStorage.get(storage)?.uploader?.onRead(slot, failure) === true) return;
    this.#ports.arena.release(slot, OWNER_DISK);
  }

  onHashed(storage: StorageId, piece: PieceIndex, matches: boolean, failure: Failure | null): void {
    this.#byStorage.get(storage)?.onHashed(piece, matches, failure);
  }

  onBlockDigests(storage: StorageId, piece: PieceIndex, digests: Uint8Array): void {
    this.#byStorage.get(storage)?.onBlockDigests(piece, digests);
  }

  onFileCompleted(storage: StorageId, file: number, failure: Failure | null): void {
    this.#byStorage.get(storage)?.onFileCompleted(file, failure);
  }

  onReleased(storage: StorageId, failure: Failure | null): void {
    this.#byStorage.get(storage)?.onReleased(failure);
  }

  onClosed(): void {
    this.#store.close();
  }

  // SessionStoreWorld

  onStoreReady(): void {
    for (const torrent of this.#torrents.values()) {
      if (torrent.state === 'opening') torrent.start(this.#store.take(torrent.infoHash));
    }
  }

  onStoreEmptied(): void {
    for (const torrent of this.#torrents.values()) torrent.saveAll();
  }

  onStoreClosed(): void {
    this.#isClosed = true;
    this.#trackerClient.close();
    this.#ports.time.wakeAt(Number.POSITIVE_INFINITY);
    this.#ports.events.emit({ event: 'closed', infoHash: null });
  }

  #runTorrents(now: number): void {
    // A torrent's turn may make another one dirty, by freeing slots or closing peers; it waits for the next turn.
    const count = this.#dirty.length;
    for (let i = 0; i < count; i++) this.#dirty[i]!.turn(now);
    this.#dirty.splice(0, count);
    if (this.#dirty.length > 0) this.#ports.time.requestTurn();
  }

  #shareWithTorrents(peerId: Uint8Array): TorrentShared {
    const { arena, disk, time, random, resolver, transport, events, entropy } = this.#ports;
    return {
      swarm: {
        peers: this.#peerShared,
        ownPeerIdHex: toHex(peerId),
        transport,
        localAddress: this.#settings.bindAddress,
        connectQueue: this.#connectQueue,
        bans: new Bans(),
        budget: this.#budget,
        nextConnectionId: () => this.#newConnectionId(),
      },
      maxPeers: this.#settings.maxPeersPerTorrent,
      arena,
      reads: new UploadReads(arena.slotCount),
      downLimiter: this.#downLimiter,
      upLimiter: this.#upLimiter,
      limited: this.#limited,
      disk,
      store: this.#store,
      partsFolder: this.#settings.partsFolder,
      bootId: this.#settings.bootId,
      time,
      timers: this.#timers,
      random,
      resolver,
      announceClient: this.#trackerClient,
      peerId,
      events,
      announceKey: () => {
        const bytes = new Uint8Array(4);
        entropy.fill(bytes);
        return new DataView(bytes.buffer).getUint32(0);
      },
      listenPort: () => this.#listener?.local.port ?? 0,
      onTorrentDirty: (torrent) => {
        this.#dirty.push(torrent);
        time.requestTurn();
      },
      onDialBlocked: () => {
        if (!this.#dialTimer.isScheduled) this.#timers.schedule(this.#dialTimer, time.now() + DIAL_WAIT_MS);
      },
      onTorrentStopped: (torrent) => this.#forget(torrent),
    };
  }

  #listen(port: number): void {
    const { bindAddress, lastPort } = this.#settings;
    const local: Endpoint = { address: bindAddress ?? '::', port };
    this.#ports.transport.listen(local, this, {
      onListening: (listener) => this.#onListening(listener),
      onListenFailed: (failure) => {
        if (failure.code === 'address-in-use' && port < lastPort) this.#listen(port + 1);
        else this.#onListenFailed(failure);
      },
    });
  }

  #onListening(listener: Listener): void {
    if (this.#isClosing) {
      listener.close();
      return;
    }
    this.#listener = listener;
    const { address, port } = listener.local;
    this.#ports.events.emit({ event: 'listening', infoHash: null, address, port });
    for (const torrent of this.#torrents.values()) torrent.onListening();
    this.#ports.time.requestTurn();
  }

  #onListenFailed(failure: Failure): void {
    this.#ports.events.emit(errorEvent(null, failure));
  }

  #newConnectionId(): number {
    return ++this.#nextConnection;
  }

  #schedulePendingSweep(): void {
    this.#timers.schedule(this.#pendingTimer, this.#ports.time.now() + PENDING_SWEEP_MS);
  }

  #forget(torrent: Torrent): void {
    assert(this.#torrents.get(torrent.infoHash) === torrent, 'a torrent stops once');
    this.#torrents.delete(torrent.infoHash);
    this.#byStorage.delete(torrent.storage);
    this.#closeWhenEmpty();
  }

  #closeWhenEmpty(): void {
    if (this.#isClosing && this.#torrents.size === 0) this.#ports.disk.close();
  }
}
