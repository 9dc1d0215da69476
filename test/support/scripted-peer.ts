/**
 * Owns a BitTorrent seed whose faults a test chooses (BEP 3, and BEP 6 on request), written from the specification and
 * apart from the program's own protocol code. It also judges its leech: every breach of the protocol that it sees is
 * kept in `violations`.
 *
 * It serves from a function of the offset, so that a torrent of any size costs nothing, and listens on any loopback
 * address, so that two hundred of them are two hundred hosts.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { TorrentContent } from './content.ts';
import { lengthOfPiece } from './content.ts';
import type { Scope } from './scope.ts';

const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1');
const HANDSHAKE_LENGTH = 68;
const BLOCK_LENGTH = 16 * 1024;
/** Message ids (BEP 3, BEP 6). */
const CHOKE = 0;
const UNCHOKE = 1;
const INTERESTED = 2;
const NOT_INTERESTED = 3;
const HAVE = 4;
const BITFIELD = 5;
const REQUEST = 6;
const PIECE = 7;
const CANCEL = 8;
const HAVE_ALL = 14;
const HAVE_NONE = 15;
const REJECT = 16;
const EXTENDED = 20;
/** What known clients accept outstanding ("reqq"); a leech that passes it floods. */
const MAX_OUTSTANDING = 2000;
const PACE_MS = 10;

export interface Behaviour {
  /** Accept connections and never send a byte. */
  readonly isSilent?: boolean;
  /** Another info hash in its handshake than the torrent's. */
  readonly infoHash?: Uint8Array;
  readonly neverUnchokes?: boolean;
  /** Milliseconds between the handshake and the unchoke. */
  readonly unchokeDelayMs?: number;
  /** Flip a byte of every n-th block. */
  readonly corruptEvery?: number;
  /** After that many blocks: close everything, and listen no more. */
  readonly diesAfterBlocks?: number;
  /** After that many blocks: stay connected, answer no request. */
  readonly stallsAfterBlocks?: number;
  /** Upload rate of the whole seed. */
  readonly bytesPerSecond?: number;
  /** Which pieces it has. Default: all. */
  readonly has?: (piece: number) => boolean;
  /** Speak BEP 6: have all instead of a bitfield, rejects while choking. */
  readonly usesFast?: boolean;
  /** Choke after that many blocks, and unchoke again after `chokeMs`. */
  readonly chokesAfterBlocks?: number;
  readonly chokeMs?: number;
}

interface BlockRequest {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

export class ScriptedSeed {
  readonly content: TorrentContent;
  readonly behaviour: Behaviour;
  readonly address: string;
  port = 0;
  /** Connections accepted, and of those the ones still open. */
  connectionCount = 0;
  blocksServed = 0;
  corruptedBlocks = 0;
  bytesServed = 0;
  /** `performance.now()` of the first connection, and of the first block sent; null before. */
  firstConnectionAt: number | null = null;
  firstBlockAt: number | null = null;
  /** Everything that the leech did against the protocol. */
  readonly violations: string[] = [];
  /** Peer ids that leeches gave, as latin1 text. */
  readonly leechIds = new Set<string>();
  isDead = false;
  readonly #server: Server;
  readonly #connections = new Set<ScriptedConnection>();
  readonly #connectionWaiters: (() => void)[] = [];
  #allowance = 0;
  /** When the allowance last grew; null before the first request. */
  #allowedAt: number | null = null;

  constructor(content: TorrentContent, address: string, behaviour: Behaviour) {
    this.content = content;
    this.address = address;
    this.behaviour = behaviour;
    this.#server = createServer({ noDelay: true }, (socket) => this.#onAccepted(socket));
  }

  /** `HOST:PORT` for `--peer`. */
  get endpoint(): string {
    return this.address.includes(':') ? `[${this.address}]:${this.port}` : `${this.address}:${this.port}`;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, this.address, () => {
        const bound = this.#server.address();
        if (typeof bound === 'object' && bound !== null) this.port = bound.port;
        resolve();
      });
    });
  }

  /** Resolves when somebody has connected, at once when that is so. */
  connected(): Promise<void> {
    if (this.connectionCount > 0) return Promise.resolve();
    return new Promise((resolve) => this.#connectionWaiters.push(resolve));
  }

  /** Is gone at once, as a killed process is. */
  die(): void {
    this.isDead = true;
    this.#server.close();
    for (const connection of this.#connections) connection.abort();
  }

  /** Bytes that may be sent now; the whole seed shares its rate. */
  takeAllowance(length: number): boolean {
    const rate = this.behaviour.bytesPerSecond;
    if (rate === undefined) return true;
    const now = performance.now();
    const elapsedMs = now - (this.#allowedAt ?? now);
    this.#allowedAt = now;
    this.#allowance = Math.min(this.#allowance + (rate * elapsedMs) / 1000, rate);
    if (this.#allowance < length) return false;
    this.#allowance -= length;
    return true;
  }

  /** The bytes to send for a request, corrupt if it is that one's turn. */
  serve(request: BlockRequest): Buffer {
    const offset = request.piece * this.content.pieceLength + request.begin;
    const bytes = this.content.source.read(offset, request.length);
    this.firstBlockAt ??= performance.now();
    this.blocksServed++;
    this.bytesServed += request.length;
    if (this.behaviour.corruptEvery !== undefined && this.blocksServed % this.behaviour.corruptEvery === 0) {
      this.corruptedBlocks++;
      const at = (this.blocksServed * 31) % bytes.length;
      bytes[at] = bytes[at]! ^ 0x40;
    }
    return bytes;
  }

  forget(connection: ScriptedConnection): void {
    this.#connections.delete(connection);
  }

  #onAccepted(socket: Socket): void {
    this.connectionCount++;
    this.firstConnectionAt ??= performance.now();
    this.#connections.add(new ScriptedConnection(this, socket));
    for (const resolve of this.#connectionWaiters.splice(0)) resolve();
  }
}

class ScriptedConnection {
  readonly #seed: ScriptedSeed;
  readonly #socket: Socket;
  readonly #queue: BlockRequest[] = [];
  #received: Buffer = Buffer.alloc(0);
  #hasHandshake = false;
  #isChoking = true;
  #isInterested = false;
  #usesFast = false;
  #served = 0;
  #pace: NodeJS.Timeout | null = null;

  constructor(seed: ScriptedSeed, socket: Socket) {
    this.#seed = seed;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', () => {}); // the close follows
    socket.on('close', () => {
      if (this.#pace !== null) clearTimeout(this.#pace);
      seed.forget(this);
    });
  }

  abort(): void {
    this.#socket.resetAndDestroy();
  }

  #onData(bytes: Buffer): void {
    if (this.#seed.behaviour.isSilent === true) return;
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    if (!this.#hasHandshake && !this.#readHandshake()) return;
    while (this.#received.length >= 4) {
      const length = this.#received.readUInt32BE(0);
      if (length > 1 << 20) {
        this.#blame(`message of ${length} bytes`);
        return;
      }
      if (this.#received.length < 4 + length) return;
      const message = this.#received.subarray(4, 4 + length);
      this.#received = this.#received.subarray(4 + length);
      if (length > 0) this.#onMessage(message);
    }
  }

  #readHandshake(): boolean {
    const head = this.#received.subarray(0, PROTOCOL.length);
    if (!head.equals(PROTOCOL.subarray(0, head.length))) {
      this.#blame('first bytes are no plaintext handshake');
      return false;
    }
    if (this.#received.length < HANDSHAKE_LENGTH) return false;
    const handshake = this.#received.subarray(0, HANDSHAKE_LENGTH);
    this.#received = this.#received.subarray(HANDSHAKE_LENGTH);
    this.#hasHandshake = true;
    if (!handshake.subarray(28, 48).equals(this.#seed.content.infoHash)) {
      this.#blame('handshake for another torrent');
      return false;
    }
    this.#seed.leechIds.add(handshake.toString('latin1', 48, 68));
    this.#usesFast = this.#seed.behaviour.usesFast === true && (handshake[27]! & 0x04) !== 0;
    this.#greet();
    return true;
  }

  #greet(): void {
    const { behaviour, content, address, port } = this.#seed;
    const reserved = Buffer.alloc(8);
    if (behaviour.usesFast === true) reserved[7] = 0x04;
    const infoHash = behaviour.infoHash ?? content.infoHash;
    const id = createHash('sha1').update(`${address}:${port}`).digest().subarray(0, 12);
    this.#socket.write(Buffer.concat([PROTOCOL, reserved, infoHash, Buffer.from('-XX0001-'), id]));
    if (this.#usesFast && behaviour.has === undefined) this.#send(HAVE_ALL, Buffer.alloc(0));
    else this.#send(BITFIELD, this.#bitfield());
    if (behaviour.neverUnchokes === true) return;
    this.#unchokeAfter(behaviour.unchokeDelayMs ?? 0);
  }

  #bitfield(): Buffer {
    const { content, behaviour } = this.#seed;
    const bits = Buffer.alloc(Math.ceil(content.pieceCount / 8));
    for (let piece = 0; piece < content.pieceCount; piece++) {
      if (behaviour.has?.(piece) ?? true) bits[piece >> 3]! |= 0x80 >> (piece & 7);
    }
    return bits;
  }

  #unchokeAfter(delayMs: number): void {
    setTimeout(() => {
      if (this.#socket.destroyed) return;
      this.#isChoking = false;
      this.#send(UNCHOKE, Buffer.alloc(0));
    }, delayMs).unref();
  }

  #onMessage(message: Buffer): void {
    const id = message[0]!;
    if (id === INTERESTED) this.#isInterested = true;
    else if (id === NOT_INTERESTED) this.#isInterested = false;
    else if (id === REQUEST) this.#onRequest(message);
    else if (id === CANCEL) this.#onCancel(message);
    else if (id === HAVE) this.#check(message.length === 5, `have of ${message.length} bytes`);
    else if (id === HAVE_ALL || id === HAVE_NONE) this.#check(this.#usesFast, `message ${id} without BEP 6`);
    else if (id === EXTENDED) this.#check(false, 'extended message to a peer that knows none');
    else this.#check(id === CHOKE || id === UNCHOKE || id === BITFIELD, `message ${id}`);
  }

  #onRequest(message: Buffer): void {
    const request = readRequest(message);
    if (request === null) {
      this.#blame(`request of ${message.length} bytes`);
      return;
    }
    const { content, behaviour } = this.#seed;
    const { piece, begin, length } = request;
    const isInside = piece < content.pieceCount && begin + length <= lengthOfPiece(content, piece);
    if (!isInside || length === 0 || length > BLOCK_LENGTH) {
      this.#blame(`request ${piece} ${begin} ${length}`);
      return;
    }
    this.#check(behaviour.has?.(piece) ?? true, `request for piece ${piece} that it has not`);
    this.#check(this.#isInterested, 'request without interest');
    if (this.#isChoking) {
      // Requests that crossed our choke on the way are no fault of the leech: drop them, as BEP 3 says.
      if (this.#usesFast) this.#send(REJECT, message.subarray(1));
      return;
    }
    this.#queue.push(request);
    this.#check(this.#queue.length <= MAX_OUTSTANDING, `${this.#queue.length} requests outstanding`);
    if (this.#pace === null) this.#serveQueue();
  }

  #onCancel(message: Buffer): void {
    const cancel = readRequest(message);
    if (cancel === null) {
      this.#blame(`cancel of ${message.length} bytes`);
      return;
    }
    const at = this.#queue.findIndex(
      (request) => request.piece === cancel.piece && request.begin === cancel.begin,
    );
    if (at >= 0) this.#queue.splice(at, 1);
  }

  #serveQueue(): void {
    this.#pace = null;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#hasStalled() || this.#socket.destroyed) return;
      if (this.#socket.writableLength > 1 << 20 || !this.#seed.takeAllowance(next.length)) {
        this.#pace = setTimeout(() => this.#serveQueue(), PACE_MS).unref();
        return;
      }
      this.#queue.shift();
      this.#sendBlock(next);
      this.#afterBlock();
    }
  }

  #hasStalled(): boolean {
    return this.#seed.blocksServed >= (this.#seed.behaviour.stallsAfterBlocks ?? Number.POSITIVE_INFINITY);
  }

  #sendBlock(request: BlockRequest): void {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(request.piece, 0);
    header.writeUInt32BE(request.begin, 4);
    this.#served++;
    this.#send(PIECE, Buffer.concat([header, this.#seed.serve(request)]));
  }

  #afterBlock(): void {
    const { behaviour, blocksServed } = this.#seed;
    if (blocksServed === behaviour.diesAfterBlocks) this.#seed.die();
    if (behaviour.chokesAfterBlocks !== undefined && this.#served % behaviour.chokesAfterBlocks === 0) {
      this.#isChoking = true;
      this.#queue.length = 0;
      this.#send(CHOKE, Buffer.alloc(0));
      this.#unchokeAfter(behaviour.chokeMs ?? 100);
    }
  }

  #send(id: number, payload: Uint8Array): void {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(payload.length + 1, 0);
    head[4] = id;
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #check(condition: boolean, violation: string): void {
    if (!condition) this.#seed.violations.push(violation);
  }

  #blame(violation: string): void {
    this.#seed.violations.push(violation);
    this.#socket.destroy();
  }
}

/** Starts a seed of `content` on a loopback address; port 0 is a free one. It is gone when the scope ends. */
export async function startScriptedSeed(
  scope: Scope,
  content: TorrentContent,
  behaviour: Behaviour = {},
  address = '127.0.0.1',
  port = 0,
): Promise<ScriptedSeed> {
  const seed = new ScriptedSeed(content, address, behaviour);
  await seed.listen(port);
  scope.defer(() => seed.die());
  return seed;
}

function readRequest(message: Buffer): BlockRequest | null {
  if (message.length !== 13) return null;
  return { piece: message.readUInt32BE(1), begin: message.readUInt32BE(5), length: message.readUInt32BE(9) };
}
