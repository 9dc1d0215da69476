/**
 * Owns a BitTorrent leech whose every message a test chooses (BEP 3, and BEP 6 on request), written from the specification
 * and apart from the program's own protocol code. It dials one seed, keeps count of what comes back, and compares every
 * block with the content.
 *
 *   const leech = await connectLeech(scope, content, port, { usesFast: true });
 *   await leech.unchoked();              says that it is interested, and waits
 *   leech.request(0, 0, 16384);
 *   await leech.until(() => leech.blocks.length === 1);
 *   leech.fetch();                       asks for everything, sequentially, with a full pipeline
 *   leech.setReading(false);             lets the seed's socket fill up
 */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { lengthOfPiece, type TorrentContent } from './content.ts';
import type { Scope } from './scope.ts';

const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1');
const HANDSHAKE_LENGTH = 68;
const BLOCK_LENGTH = 16 * 1024;
/** Message ids (BEP 3, BEP 6). */
export const CHOKE = 0;
export const UNCHOKE = 1;
export const INTERESTED = 2;
export const NOT_INTERESTED = 3;
export const HAVE = 4;
export const BITFIELD = 5;
export const REQUEST = 6;
export const PIECE = 7;
export const CANCEL = 8;
export const HAVE_ALL = 14;
export const HAVE_NONE = 15;
export const REJECT = 16;
/** More than any honest message: a block and its header. */
const MAX_MESSAGE_LENGTH = 1 << 20;

export interface LeechOptions {
  /** Speak BEP 6. */
  readonly usesFast?: boolean;
  /** Loopback address to come from. Default 127.0.0.1. */
  readonly address?: string;
  readonly host?: string;
}

export interface BlockRange {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

export class ScriptedLeech {
  readonly content: TorrentContent;
  readonly usesFast: boolean;
  /** Ids of all messages that came, in order; blocks aside. */
  readonly messageIds: number[] = [];
  readonly blocks: BlockRange[] = [];
  readonly rejects: BlockRange[] = [];
  receivedBytes = 0;
  /** Blocks that are not what the torrent holds there. */
  wrongBlocks = 0;
  /** Which pieces the seed has said to have. */
  readonly seedHas = new Set<number>();
  isChoked = true;
  isClosed = false;
  /** `performance.now()` of the last block. */
  lastBlockAt = 0;
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #hasHandshake = false;
  #waiting: { condition: () => boolean; resolve: () => void; reject: (error: Error) => void }[] = [];
  #wanted: Iterator<BlockRange> | null = null;

  /** Not for use outside this file. */
  constructor(content: TorrentContent, socket: Socket, usesFast: boolean) {
    this.content = content;
    this.usesFast = usesFast;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', () => {}); // the close follows
    socket.on('close', () => {
      this.isClosed = true;
      this.#look();
      for (const { condition, reject } of this.#waiting.splice(0)) {
        reject(new Error(`closed before ${condition}: ${this.describe()}`));
      }
    });
    this.#greet();
  }

  /** What of its own the system has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /**
   * Resolves when `condition` holds, which is looked at whenever something came; rejects after the time-out, and when the
   * connection is closed without it.
   */
  async until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    if (condition()) return;
    let timer: NodeJS.Timeout | undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ condition, resolve, reject });
    timer = setTimeout(
      () => reject(new Error(`${condition} after ${timeoutMs} ms: ${this.describe()}`)),
      timeoutMs,
    );
    await promise.finally(() => clearTimeout(timer));
  }

  /** Says that it is interested and waits until it is not choked. */
  async unchoked(timeoutMs?: number): Promise<void> {
    this.send(INTERESTED);
    await this.until(() => !this.isChoked, timeoutMs);
  }

  send(id: number, payload: Uint8Array = Buffer.alloc(0)): void {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(payload.length + 1, 0);
    head[4] = id;
    this.sendRaw(Buffer.concat([head, payload]));
  }

  sendRaw(bytes: Uint8Array): void {
    if (!this.isClosed) this.#socket.write(bytes);
  }

  request(piece: number, begin: number, length: number): void {
    this.send(REQUEST, rangeBytes({ piece, begin, length }));
  }

  cancel(piece: number, begin: number, length: number): void {
    this.send(CANCEL, rangeBytes({ piece, begin, length }));
  }

  /** The same request `count` times, in one write. */
  flood(range: BlockRange, count: number): void {
    const message = Buffer.concat([Buffer.from([0, 0, 0, 13, REQUEST]), rangeBytes(range)]);
    this.sendRaw(Buffer.alloc(message.length * count, message));
  }

  /** Asks for everything from piece `first` on, round and round when `forever`, with `depth` requests in flight. */
  fetch(
    options: { readonly first?: number; readonly depth?: number; readonly forever?: boolean } = {},
  ): void {
    this.#wanted = allBlocks(this.content, options.first ?? 0, options.forever === true);
    const depth = options.depth ?? 64;
    for (let i = 0; i < depth; i++) this.#requestNext();
  }

  /** Asks for one block again and again, with `depth` requests in flight. */
  repeat(range: BlockRange, depth = 64): void {
    this.#wanted = same(range);
    for (let i = 0; i < depth; i++) this.#requestNext();
  }

  setReading(reading: boolean): void {
    if (reading) this.#socket.resume();
    else this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  describe(): string {
    const { isChoked, isClosed, messageIds, blocks, rejects, wrongBlocks } = this;
    const ids = messageIds.slice(-30).join(' ');
    return `choked ${isChoked}, closed ${isClosed}, ${blocks.length} blocks (${wrongBlocks} wrong), ${rejects.length} rejects, ids ${ids}`;
  }

  #greet(): void {
    const reserved = Buffer.alloc(8);
    if (this.usesFast) reserved[7] = 0x04;
    const id = createHash('sha1').update(`${this.#socket.localAddress}:${this.#socket.localPort}`).digest();
    const peerId = Buffer.concat([Buffer.from('-XX0001-'), id.subarray(0, 12)]);
    this.sendRaw(Buffer.concat([PROTOCOL, reserved, this.content.infoHash, peerId]));
    if (this.usesFast) this.send(HAVE_NONE);
  }

  #onData(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    if (!this.#hasHandshake) {
      if (this.#received.length < HANDSHAKE_LENGTH) return;
      this.#hasHandshake = true;
      this.#received = this.#received.subarray(HANDSHAKE_LENGTH);
    }
    while (this.#received.length >= 4) {
      const length = this.#received.readUInt32BE(0);
      if (length > MAX_MESSAGE_LENGTH) throw new Error(`message of ${length} bytes`);
      if (this.#received.length < 4 + length) break;
      const message = this.#received.subarray(4, 4 + length);
      this.#received = this.#received.subarray(4 + length);
      if (length > 0) this.#onMessage(message);
    }
    this.#look();
  }

  #onMessage(message: Buffer): void {
    const id = message[0]!;
    if (id === PIECE) {
      this.#onBlock(message);
      return;
    }
    this.messageIds.push(id);
    if (id === CHOKE) this.isChoked = true;
    else if (id === UNCHOKE) this.isChoked = false;
    else if (id === HAVE) this.seedHas.add(message.readUInt32BE(1));
    else if (id === HAVE_ALL) for (let p = 0; p < this.content.pieceCount; p++) this.seedHas.add(p);
    else if (id === BITFIELD) this.#onBitfield(message.subarray(1));
    else if (id === REJECT) this.rejects.push(readRange(message));
  }

  #onBitfield(bits: Buffer): void {
    for (let piece = 0; piece < this.content.pieceCount; piece++) {
      if ((bits[piece >> 3]! & (0x80 >> (piece & 7))) !== 0) this.seedHas.add(piece);
    }
  }

  #onBlock(message: Buffer): void {
    const [piece, begin, length] = [message.readUInt32BE(1), message.readUInt32BE(5), message.length - 9];
    this.blocks.push({ piece, begin, length });
    this.receivedBytes += length;
    this.lastBlockAt = performance.now();
    const expected = this.content.source.read(piece * this.content.pieceLength + begin, length);
    if (!expected.equals(message.subarray(9))) this.wrongBlocks++;
    this.#requestNext();
  }

  #requestNext(): void {
    const next = this.#wanted?.next();
    if (next === undefined || next.done === true) return;
    this.request(next.value.piece, next.value.begin, next.value.length);
  }

  #look(): void {
    const due = this.#waiting.filter(({ condition }) => condition());
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const { resolve } of due) resolve();
  }
}

/** Connects to the seed at `port`; resolves when the connection stands. It is gone when the scope ends. */
export async function connectLeech(
  scope: Scope,
  content: TorrentContent,
  port: number,
  options: LeechOptions = {},
): Promise<ScriptedLeech> {
  const { host = '127.0.0.1', address: localAddress = '127.0.0.1' } = options;
  const socket = connect({ host, port, localAddress, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const leech = new ScriptedLeech(content, socket, options.usesFast === true);
  scope.defer(() => leech.close());
  return leech;
}

function* allBlocks(content: TorrentContent, first: number, forever: boolean): Generator<BlockRange> {
  do {
    for (let piece = first; piece < content.pieceCount; piece++) {
      const pieceLength = lengthOfPiece(content, piece);
      for (let begin = 0; begin < pieceLength; begin += BLOCK_LENGTH) {
        yield { piece, begin, length: Math.min(BLOCK_LENGTH, pieceLength - begin) };
      }
    }
  } while (forever);
}

function* same(range: BlockRange): Generator<BlockRange> {
  for (;;) yield range;
}

function rangeBytes(range: BlockRange): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(range.piece, 0);
  bytes.writeUInt32BE(range.begin, 4);
  bytes.writeUInt32BE(range.length, 8);
  return bytes;
}

function readRange(message: Buffer): BlockRange {
  return { piece: message.readUInt32BE(1), begin: message.readUInt32BE(5), length: message.readUInt32BE(9) };
}
