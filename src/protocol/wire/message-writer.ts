/**
 * Owns the encoding of outgoing peer messages (BEP 3, 5, 6, 10) into one growing array that is written once a turn.
 *
 * A message is appended whole or not at all. The array never grows past its bound: what a peer makes us answer (a reject
 * for every request of a flood) cannot take memory without end; see `overflowed`. The block of a piece message is
 * not copied here: its header is, the block goes to the connection as a slot. Hot file: nothing allocated for a message.
 */
import { assert } from '../../base/assert.ts';
import {
  MESSAGE_ALLOWED_FAST,
  MESSAGE_BITFIELD,
  MESSAGE_CANCEL,
  MESSAGE_CHOKE,
  MESSAGE_EXTENDED,
  MESSAGE_HAVE,
  MESSAGE_HAVE_ALL,
  MESSAGE_HAVE_NONE,
  MESSAGE_INTERESTED,
  MESSAGE_NOT_INTERESTED,
  MESSAGE_PIECE,
  MESSAGE_PORT,
  MESSAGE_REJECT_REQUEST,
  MESSAGE_REQUEST,
  MESSAGE_SUGGEST_PIECE,
  MESSAGE_UNCHOKE,
} from './message-ids.ts';

/** Enough for 30 requests; most peers never need more. */
const FIRST_CAPACITY = 512;
/** An array that grew past this is given back when it is cleared. */
const KEPT_CAPACITY = 16384;

export class MessageWriter {
  readonly #maxBytes: number;
  #buffer = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  #overflowed = false;

  /** A writer that holds at most `maxBytes` bytes. */
  constructor(maxBytes: number) {
    assert(maxBytes >= FIRST_CAPACITY, `message writer of ${maxBytes} bytes`);
    this.#maxBytes = maxBytes;
  }

  /** Bytes pending. */
  get length(): number {
    return this.#length;
  }

  /**
   * A message did not fit since the last `clear` and is lost. The stream is still well-formed, but the two sides
   * disagree now: close the connection.
   */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** A view of what is pending, valid until the next call of another method. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets what is pending. */
  clear(): void {
    this.#length = 0;
    this.#overflowed = false;
    if (this.#buffer.length > KEPT_CAPACITY) this.#buffer = new Uint8Array(FIRST_CAPACITY);
  }

  keepAlive(): void {
    if (!this.#reserve(4)) return;
    this.#uint32(0);
  }

  choke(): void {
    this.#plain(MESSAGE_CHOKE);
  }

  unchoke(): void {
    this.#plain(MESSAGE_UNCHOKE);
  }

  interested(): void {
    this.#plain(MESSAGE_INTERESTED);
  }

  notInterested(): void {
    this.#plain(MESSAGE_NOT_INTERESTED);
  }

  haveAll(): void {
    this.#plain(MESSAGE_HAVE_ALL);
  }

  haveNone(): void {
    this.#plain(MESSAGE_HAVE_NONE);
  }

  have(piece: number): void {
    this.#withPiece(MESSAGE_HAVE, piece);
  }

  suggest(piece: number): void {
    this.#withPiece(MESSAGE_SUGGEST_PIECE, piece);
  }

  allowedFast(piece: number): void {
    this.#withPiece(MESSAGE_ALLOWED_FAST, piece);
  }

  request(piece: number, begin: number, length: number): void {
    this.#withBlock(MESSAGE_REQUEST, piece, begin, length);
  }

  cancel(piece: number, begin: number, length: number): void {
    this.#withBlock(MESSAGE_CANCEL, piece, begin, length);
  }

  reject(piece: number, begin: number, length: number): void {
    this.#withBlock(MESSAGE_REJECT_REQUEST, piece, begin, length);
  }

  /** The 13 bytes before a block of `length` bytes, which must follow them on the connection. */
  pieceHeader(piece: number, begin: number, length: number): void {
    if (!this.#reserve(13)) return;
    this.#head(9 + length, MESSAGE_PIECE);
    this.#uint32(piece);
    this.#uint32(begin);
  }

  /** `bits` in wire order, as in `BitSet.bytes`. */
  bitfield(bits: Uint8Array): void {
    if (!this.#reserve(5 + bits.length)) return;
    this.#head(1 + bits.length, MESSAGE_BITFIELD);
    this.#append(bits);
  }

  /** The UDP port of our DHT node. */
  port(port: number): void {
    if (!this.#reserve(7)) return;
    this.#head(3, MESSAGE_PORT);
    this.#buffer[this.#length++] = port >>> 8;
    this.#buffer[this.#length++] = port;
  }

  /** An extended message (BEP 10): the id that the peer gave in its handshake, or 0 for our handshake. */
  extended(extensionId: number, payload: Uint8Array): void {
    if (!this.#reserve(6 + payload.length)) return;
    this.#head(2 + payload.length, MESSAGE_EXTENDED);
    this.#buffer[this.#length++] = extensionId;
    this.#append(payload);
  }

  #plain(id: number): void {
    if (this.#reserve(5)) this.#head(1, id);
  }

  #withPiece(id: number, piece: number): void {
    if (!this.#reserve(9)) return;
    this.#head(5, id);
    this.#uint32(piece);
  }

  #withBlock(id: number, piece: number, begin: number, length: number): void {
    if (!this.#reserve(17)) return;
    this.#head(13, id);
    this.#uint32(piece);
    this.#uint32(begin);
    this.#uint32(length);
  }

  #head(length: number, id: number): void {
    this.#uint32(length);
    this.#buffer[this.#length++] = id;
  }

  #uint32(value: number): void {
    const buffer = this.#buffer;
    const at = this.#length;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
    this.#length = at + 4;
  }

  #append(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Makes room for `count` bytes; false, and nothing else happens, when the bound does not allow it. */
  #reserve(count: number): boolean {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return true;
    if (needed > this.#maxBytes) {
      this.#overflowed = true;
      return false;
    }
    const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, 2 * this.#buffer.length)));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    return true;
  }
}
