/**
 * Owns one connection of a scripted seed: answers the handshake, announces all pieces, unchokes who is interested, and
 * serves requests in order while the connection takes them. What the leech must not do is written down as a complaint.
 */
import { BLOCK_LENGTH } from '../base/numbers.ts';
import { toHex } from '../base/text.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { Connection, ConnectionHandler } from '../ports/transport.ts';
import { encodeHandshake, HandshakeDecoder } from '../protocol/wire/handshake.ts';
import { MessageDecoder } from '../protocol/wire/message-decoder.ts';
import type { MessageHandler } from '../protocol/wire/message-handler.ts';
import { MessageWriter } from '../protocol/wire/message-writer.ts';
import { VIOLATION_NONE } from '../protocol/wire/violation.ts';
import { wireLimits } from '../protocol/wire/wire-limits.ts';
import { PlainBlockCopy } from './plain-block-copy.ts';
import type { ScriptedSeed } from './scripted-seed.ts';

/** Requests that a leech may have outstanding; the others take at least as many. */
const MAX_REQUESTS = 2000;
const KEEP_ALIVE_MS = 90_000;
/** A leech that says nothing for so long is gone. */
const IDLE_LIMIT_MS = 180_000;

/** A leech that has waited so long may think that its request was lost, and ask again. */
const PATIENCE_MS = 15_000;
/** A seed lets so much wait at the connection, then pauses serving. */
const HIGH_WATER_BYTES = 64 * 1024;

const TIMER_SERVE = 0;
const TIMER_KEEP_ALIVE = 1;

interface Request {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
  /** When it came. */
  readonly at: number;
}

export class SeedConnection implements ConnectionHandler, MessageHandler, TimerOwner {
  readonly #seed: ScriptedSeed;
  readonly #connection: Connection;
  readonly #handshake = new HandshakeDecoder();
  readonly #decoder: MessageDecoder;
  readonly #writer = new MessageWriter(1 << 20);
  readonly #serve = new Timer(this, TIMER_SERVE);
  readonly #keepAlive = new Timer(this, TIMER_KEEP_ALIVE);
  #requests: Request[] = [];
  #hasGreeted = false;
  #isChoking = true;
  #peerInterested = false;
  #heardAt: number;
  readonly #generation: number;

  constructor(seed: ScriptedSeed, connection: Connection) {
    this.#seed = seed;
    this.#connection = connection;
    this.#decoder = new MessageDecoder(wireLimits(seed.torrent.metainfo.pieceCount), new PlainBlockCopy());
    this.#heardAt = seed.network.scheduler.now;
    this.#generation = seed.host.generation;
    this.#scheduleKeepAlive();
  }

  onConnected(): void {}

  onData(bytes: Uint8Array, start: number, end: number): void {
    this.#heardAt = this.#seed.network.scheduler.now;
    if (this.#seed.behaviour.silence === 'at-once') return;
    const taken = this.#handshake.feed(bytes, start, end);
    if (this.#handshake.violation !== VIOLATION_NONE) {
      this.#complain('a handshake of another protocol');
      this.#connection.abort();
      return;
    }
    if (this.#handshake.hasInfoHash && !this.#hasGreeted && !this.#greet()) return;
    if (!this.#handshake.isComplete) return;
    const violation = this.#decoder.feed(bytes, start + taken, end, this);
    if (violation === VIOLATION_NONE) this.#flush();
    else {
      this.#complain(`violation ${violation}`);
      this.#connection.abort();
    }
  }

  onBlocksWritten(): void {}

  onDrained(): void {
    if (!this.#serve.isScheduled) this.#serveSoon();
  }

  onClosed(): void {
    this.#requests = [];
    this.#seed.network.scheduler.cancel(this.#serve);
    this.#seed.network.scheduler.cancel(this.#keepAlive);
  }

  onTimer(kind: number): void {
    if (this.#seed.host.generation !== this.#generation) return;
    if (kind === TIMER_SERVE) this.#serveRequests();
    else if (this.#seed.network.scheduler.now - this.#heardAt >= IDLE_LIMIT_MS) this.#connection.abort();
    else {
      this.#writer.keepAlive();
      if (this.#hasGreeted) this.#flush();
      this.#scheduleKeepAlive();
    }
  }

  onInterested(): void {
    this.#peerInterested = true;
    if (this.#seed.behaviour.silence === 'choking' || !this.#isChoking) return;
    this.#isChoking = false;
    this.#writer.unchoke();
  }

  onNotInterested(): void {
    this.#peerInterested = false;
  }

  onRequest(piece: number, begin: number, length: number): void {
    const { pieceCount, pieceLength, storedLength } = this.#seed.torrent.metainfo;
    const thisPieceLength = Math.min(pieceLength, storedLength - piece * pieceLength);
    const expected = Math.min(BLOCK_LENGTH, thisPieceLength - begin);
    if (piece >= pieceCount || begin % BLOCK_LENGTH !== 0 || length !== expected) {
      this.#complain(`request of ${length} bytes at ${begin} of piece ${piece}`);
      return;
    }
    if (this.#isChoking) this.#complain('request while choked');
    if (!this.#peerInterested) this.#complain('request without interest');
    const { now } = this.#seed.network.scheduler;
    const earlier = this.#requests.findLast((other) => other.piece === piece && other.begin === begin);
    if (earlier !== undefined && now - earlier.at < PATIENCE_MS) {
      this.#complain(`block ${begin} of piece ${piece} requested twice`);
    }
    if (this.#requests.length >= MAX_REQUESTS) this.#complain('too many requests');
    this.#requests.push({ piece, begin, length, at: now });
    if (!this.#serve.isScheduled) this.#serveSoon();
  }

  onCancel(piece: number, begin: number, length: number): void {
    const place = this.#requests.findIndex((other) => other.piece === piece && other.begin === begin);
    if (place < 0) return;
    this.#requests.splice(place, 1);
    if (this.#speaksFast) this.#writer.reject(piece, begin, length);
  }

  // What else a leech may say changes nothing for a seed.
  onKeepAlive(): void {}
  onChoke(): void {}
  onUnchoke(): void {}
  onHave(): void {}
  onBitfield(): void {}
  onPort(): void {}
  onSuggest(): void {}
  onHaveAll(): void {}
  onHaveNone(): void {}
  onReject(): void {}
  onAllowedFast(): void {}
  onExtended(): void {}
  onUnknown(): void {}

  onBlockStart(): null {
    this.#complain('a block that nobody asked for');
    return null;
  }

  onBlockEnd(): void {}

  get #speaksFast(): boolean {
    return this.#seed.behaviour.fast && this.#handshake.features.fast;
  }

  /** Answers the handshake and announces all pieces; false when it is for another torrent. */
  #greet(): boolean {
    const { metainfo } = this.#seed.torrent;
    if (toHex(this.#handshake.infoHash) !== toHex(metainfo.infoHashV1!)) {
      this.#complain('a handshake for another torrent');
      this.#connection.abort();
      return false;
    }
    this.#hasGreeted = true;
    const features = { fast: this.#seed.behaviour.fast, extension: false, dht: false };
    this.#connection.write(encodeHandshake(metainfo.infoHashV1!, this.#seed.peerId, features));
    if (this.#speaksFast) this.#writer.haveAll();
    else this.#writer.bitfield(fullBitfield(metainfo.pieceCount));
    this.#flush();
    return true;
  }

  #serveSoon(): void {
    if (this.#seed.behaviour.silence === 'when-asked' || this.#requests.length === 0) return;
    const { scheduler } = this.#seed.network;
    scheduler.schedule(this.#serve, scheduler.now + this.#seed.behaviour.blockDelayMs);
  }

  #serveRequests(): void {
    const { blockDelayMs } = this.#seed.behaviour;
    // `onDrained` goes on when the connection has taken what is unsent.
    while (this.#requests.length > 0 && this.#connection.unsentBytes < HIGH_WATER_BYTES) {
      this.#sendBlock(this.#requests.shift()!);
      if (blockDelayMs > 0) break;
    }
    if (blockDelayMs > 0) this.#serveSoon();
  }

  #sendBlock({ piece, begin, length }: Request): void {
    const { content, metainfo } = this.#seed.torrent;
    const block = content.slice(piece * metainfo.pieceLength + begin, length);
    if (this.#seed.countBlock()) block[length >>> 1]! ^= 0x55;
    this.#writer.pieceHeader(piece, begin, length);
    this.#flush();
    this.#connection.write(block);
  }

  #flush(): void {
    if (this.#writer.length === 0) return;
    this.#connection.write(this.#writer.bytes());
    this.#writer.clear();
  }

  #scheduleKeepAlive(): void {
    const { scheduler } = this.#seed.network;
    scheduler.schedule(this.#keepAlive, scheduler.now + KEEP_ALIVE_MS);
  }

  #complain(what: string): void {
    this.#seed.complain(`${this.#connection.remote.address}: ${what}`);
  }
}

function fullBitfield(pieceCount: number): Uint8Array {
  const bits = new Uint8Array((pieceCount + 7) >>> 3).fill(0xff);
  const spare = (8 - (pieceCount & 7)) & 7;
  if (spare > 0) bits[bits.length - 1] = (0xff << spare) & 0xff;
  return bits;
}
