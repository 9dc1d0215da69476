/**
 * Owns the decoding of one connection's incoming messages (BEP 3, 5, 6, 10): bytes in, handler calls out. It knows the
 * framing only; what a message means now is the handler's to judge.
 *
 * Bytes may be split anywhere. A message that lies whole in the input is parsed where it lies; the start of one that
 * does not (at most 17 bytes) is collected in a small array. The bytes of a block go straight to where the handler
 * wants them: the one copy that they cost. Invariants: `#remaining` > 0 in the phases block, body and skip; `#held` is 0
 * in every phase but message; after `stop` or a violation no handler method is called. Hot file: fields initialised in
 * one order, monomorphic calls, nothing allocated for messages of fixed size and for blocks.
 */
import { assert } from '../../base/assert.ts';
import type { BlockCopy } from '../../ports/block-copy.ts';
import type { MessageHandler } from './message-handler.ts';
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
import {
  VIOLATION_BITFIELD_TOO_LONG,
  VIOLATION_BLOCK_LENGTH,
  VIOLATION_EXTENDED_TOO_LONG,
  VIOLATION_MESSAGE_TOO_LONG,
  VIOLATION_NONE,
  VIOLATION_UNKNOWN_TOO_LONG,
  VIOLATION_WRONG_LENGTH,
  type ViolationCode,
} from './violation.ts';
import type { WireLimits } from './wire-limits.ts';

/** At the start of a message, `#held` bytes of it collected. */
const PHASE_MESSAGE = 0;
/** Within the block of a piece message. */
const PHASE_BLOCK = 1;
/** Within a body of variable length that is collected: bitfield or extended. */
const PHASE_BODY = 2;
/** Within a message that is not kept. */
const PHASE_SKIP = 3;
/** Ended by `stop` or by a violation. */
const PHASE_STOPPED = 4;

const PREFIX_LENGTH = 4;
/** Prefix, id, piece, begin: what comes before a block. */
const PIECE_HEADER_LENGTH = 13;
/** The longest message of fixed size: request, cancel, reject. */
const MAX_FIXED_LENGTH = 17;
/** What a body's array starts with, so that a long announced length alone costs nothing. */
const FIRST_BODY_CAPACITY = 4096;

export class MessageDecoder {
  readonly #limits: WireLimits;
  readonly #blockCopy: BlockCopy;
  readonly #maxLength: number;
  readonly #head = new Uint8Array(MAX_FIXED_LENGTH);
  #held = 0;
  #needed = PREFIX_LENGTH;
  #phase: number = PHASE_MESSAGE;
  #violation: ViolationCode = VIOLATION_NONE;
  /** Bytes still missing of the block, body or skipped message. */
  #remaining = 0;
  /** Where the block or body goes; null discards. */
  #target: Uint8Array | null = null;
  #filled = 0;
  #piece = 0;
  #begin = 0;
  #blockLength = 0;
  #bodyId = 0;
  #extensionId = 0;

  constructor(limits: WireLimits, blockCopy: BlockCopy) {
    assert(limits.maxBlockLength >= 1, `blocks of ${limits.maxBlockLength} bytes`);
    this.#limits = limits;
    this.#blockCopy = blockCopy;
    this.#maxLength = Math.max(
      MAX_FIXED_LENGTH - PREFIX_LENGTH,
      PIECE_HEADER_LENGTH - PREFIX_LENGTH + limits.maxBlockLength,
      1 + limits.maxBitfieldBytes,
      2 + limits.maxExtendedBytes,
      limits.maxUnknownBytes,
    );
  }

  /** At a boundary between messages: the peer owes no rest of one. */
  get isIdle(): boolean {
    return this.#phase === PHASE_MESSAGE && this.#held === 0;
  }

  /** A block began and has not ended: `onBlockStart` was called, `onBlockEnd` not yet. */
  get blockInProgress(): boolean {
    return this.#phase === PHASE_BLOCK;
  }

  /** What ended the decoding, or `VIOLATION_NONE`. */
  get violation(): ViolationCode {
    return this.#violation;
  }

  /**
   * Decodes `bytes[start, end)`, the next bytes of the stream, and calls `handler` for what they complete. Returns the
   * violation that ended the decoding, now or earlier. After `stop` bytes are ignored.
   */
  feed(bytes: Uint8Array, start: number, end: number, handler: MessageHandler): ViolationCode {
    let at = start;
    while (at < end) {
      switch (this.#phase) {
        case PHASE_MESSAGE:
          at =
            this.#held === 0
              ? this.#parseInput(bytes, at, end, handler)
              : this.#collectHead(bytes, at, end, handler);
          break;
        case PHASE_BLOCK:
          at = this.#copyBlock(bytes, at, end, handler);
          break;
        case PHASE_BODY:
          at = this.#collectBody(bytes, at, end, handler);
          break;
        case PHASE_SKIP:
          at = this.#skip(at, end);
          break;
        default:
          return this.#violation;
      }
    }
    return this.#violation;
  }

  /** Ends the decoding for good; a running `feed` returns without another call. A block in progress is let go. */
  stop(): void {
    this.#phase = PHASE_STOPPED;
    this.#target = null;
  }

  #parseInput(bytes: Uint8Array, at: number, end: number, handler: MessageHandler): number {
    const consumed = this.#parse(bytes, at, end - at, handler);
    if (consumed > 0) return at + consumed;
    if (this.#phase === PHASE_MESSAGE) {
      for (let from = at; from < end; from++) this.#head[this.#held++] = bytes[from]!;
    }
    return end;
  }

  #collectHead(bytes: Uint8Array, start: number, end: number, handler: MessageHandler): number {
    const stop = Math.min(end, start + this.#needed - this.#held);
    for (let at = start; at < stop; at++) this.#head[this.#held++] = bytes[at]!;
    if (this.#held < this.#needed) return stop;
    const held = this.#held;
    // Empty before the handler is called, which may ask `isIdle`; restored when the parser needs still more.
    this.#held = 0;
    const consumed = this.#parse(this.#head, 0, held, handler);
    if (consumed === 0) this.#held = held;
    return stop;
  }

  /** Parses at the start of a message; how many bytes it took, or 0 when `#needed` are needed or on a violation. */
  #parse(bytes: Uint8Array, at: number, available: number, handler: MessageHandler): number {
    if (available < PREFIX_LENGTH) return this.#await(PREFIX_LENGTH);
    const length = readUint32(bytes, at);
    if (length === 0) {
      handler.onKeepAlive();
      return PREFIX_LENGTH;
    }
    if (length > this.#maxLength) return this.#fail(VIOLATION_MESSAGE_TOO_LONG);
    if (available < PREFIX_LENGTH + 1) return this.#await(PREFIX_LENGTH + 1);
    const id = bytes[at + PREFIX_LENGTH]!;
    if (id === MESSAGE_PIECE) return this.#parsePiece(bytes, at, available, length, handler);
    const fixedLength = fixedLengthOf(id);
    if (fixedLength === 0) return this.#parseVariable(bytes, at, available, id, length, handler);
    if (length !== fixedLength) return this.#fail(VIOLATION_WRONG_LENGTH);
    if (available < PREFIX_LENGTH + length) return this.#await(PREFIX_LENGTH + length);
    if (length === 1) report1(id, handler);
    else if (length === 13) report13(id, bytes, at + 5, handler);
    else reportNumber(id, bytes, at + 5, handler);
    return PREFIX_LENGTH + length;
  }

  #parsePiece(
    bytes: Uint8Array,
    at: number,
    available: number,
    length: number,
    handler: MessageHandler,
  ): number {
    const blockLength = length - (PIECE_HEADER_LENGTH - PREFIX_LENGTH);
    if (blockLength < 1 || blockLength > this.#limits.maxBlockLength)
      return this.#fail(VIOLATION_BLOCK_LENGTH);
    if (available < PIECE_HEADER_LENGTH) return this.#await(PIECE_HEADER_LENGTH);
    this.#phase = PHASE_BLOCK;
    this.#piece = readUint32(bytes, at + 5);
    this.#begin = readUint32(bytes, at + 9);
    this.#blockLength = blockLength;
    this.#remaining = blockLength;
    this.#filled = 0;
    const target = handler.onBlockStart(this.#piece, this.#begin, blockLength);
    if (this.#phase !== PHASE_BLOCK) return PIECE_HEADER_LENGTH;
    assert(target === null || target.length >= blockLength, 'a block has room where it goes');
    this.#target = target;
    return PIECE_HEADER_LENGTH;
  }

  #parseVariable(
    bytes: Uint8Array,
    at: number,
    available: number,
    id: number,
    length: number,
    handler: MessageHandler,
  ): number {
    if (id === MESSAGE_BITFIELD) {
      if (length - 1 > this.#limits.maxBitfieldBytes) return this.#fail(VIOLATION_BITFIELD_TOO_LONG);
      this.#openBody(id, 0, length - 1, handler);
      return PREFIX_LENGTH + 1;
    }
    if (id === MESSAGE_EXTENDED) {
      if (length < 2) return this.#fail(VIOLATION_WRONG_LENGTH);
      if (length - 2 > this.#limits.maxExtendedBytes) return this.#fail(VIOLATION_EXTENDED_TOO_LONG);
      if (available < PREFIX_LENGTH + 2) return this.#await(PREFIX_LENGTH + 2);
      this.#openBody(id, bytes[at + 5]!, length - 2, handler);
      return PREFIX_LENGTH + 2;
    }
    if (length > this.#limits.maxUnknownBytes) return this.#fail(VIOLATION_UNKNOWN_TOO_LONG);
    this.#remaining = length - 1;
    if (length > 1) this.#phase = PHASE_SKIP;
    handler.onUnknown(id, length);
    return PREFIX_LENGTH + 1;
  }

  #openBody(id: number, extensionId: number, length: number, handler: MessageHandler): void {
    this.#bodyId = id;
    this.#extensionId = extensionId;
    this.#remaining = length;
    this.#filled = 0;
    if (length === 0) this.#reportBody(new Uint8Array(0), handler);
    else this.#phase = PHASE_BODY;
  }

  #copyBlock(bytes: Uint8Array, at: number, end: number, handler: MessageHandler): number {
    const count = Math.min(end - at, this.#remaining);
    const target = this.#target;
    if (target !== null) this.#blockCopy.copy(bytes, at, at + count, target, this.#filled);
    this.#filled += count;
    this.#remaining -= count;
    if (this.#remaining === 0) {
      this.#phase = PHASE_MESSAGE;
      this.#target = null;
      handler.onBlockEnd(this.#piece, this.#begin, this.#blockLength);
    }
    return at + count;
  }

  #collectBody(bytes: Uint8Array, at: number, end: number, handler: MessageHandler): number {
    const count = Math.min(end - at, this.#remaining);
    if (this.#filled === 0 && count === this.#remaining) {
      this.#phase = PHASE_MESSAGE;
      this.#reportBody(bytes.subarray(at, at + count), handler);
      return at + count;
    }
    const body = this.#bodyWithRoom(count);
    body.set(bytes.subarray(at, at + count), this.#filled);
    this.#filled += count;
    this.#remaining -= count;
    if (this.#remaining === 0) {
      this.#phase = PHASE_MESSAGE;
      this.#target = null;
      this.#reportBody(body.subarray(0, this.#filled), handler);
    }
    return at + count;
  }

  /** The body's array with room for `count` bytes more; grown by doubling, never past the announced length. */
  #bodyWithRoom(count: number): Uint8Array {
    const old = this.#target;
    const needed = this.#filled + count;
    if (old !== null && old.length >= needed) return old;
    const total = this.#filled + this.#remaining;
    const capacity = Math.min(total, Math.max(needed, 2 * this.#filled, FIRST_BODY_CAPACITY));
    const body = new Uint8Array(capacity);
    if (old !== null) body.set(old.subarray(0, this.#filled));
    this.#target = body;
    return body;
  }

  #reportBody(body: Uint8Array, handler: MessageHandler): void {
    if (this.#bodyId === MESSAGE_BITFIELD) handler.onBitfield(body);
    else handler.onExtended(this.#extensionId, body);
  }

  #skip(at: number, end: number): number {
    const count = Math.min(end - at, this.#remaining);
    this.#remaining -= count;
    if (this.#remaining === 0) this.#phase = PHASE_MESSAGE;
    return at + count;
  }

  #await(needed: number): 0 {
    this.#needed = needed;
    return 0;
  }

  #fail(violation: ViolationCode): 0 {
    this.#violation = violation;
    this.stop();
    return 0;
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** The one length, prefix excluded, that a message with `id` can have; 0 for those that vary and for unknown ids. */
function fixedLengthOf(id: number): number {
  switch (id) {
    case MESSAGE_HAVE:
    case MESSAGE_SUGGEST_PIECE:
    case MESSAGE_ALLOWED_FAST:
      return 5;
    case MESSAGE_REQUEST:
    case MESSAGE_CANCEL:
    case MESSAGE_REJECT_REQUEST:
      return 13;
    case MESSAGE_CHOKE:
    case MESSAGE_UNCHOKE:
    case MESSAGE_INTERESTED:
    case MESSAGE_NOT_INTERESTED:
    case MESSAGE_HAVE_ALL:
    case MESSAGE_HAVE_NONE:
      return 1;
    case MESSAGE_PORT:
      return 3;
    default:
      return 0;
  }
}

function report1(id: number, handler: MessageHandler): void {
  if (id === MESSAGE_CHOKE) handler.onChoke();
  else if (id === MESSAGE_UNCHOKE) handler.onUnchoke();
  else if (id === MESSAGE_INTERESTED) handler.onInterested();
  else if (id === MESSAGE_NOT_INTERESTED) handler.onNotInterested();
  else if (id === MESSAGE_HAVE_ALL) handler.onHaveAll();
  else handler.onHaveNone();
}

function reportNumber(id: number, bytes: Uint8Array, at: number, handler: MessageHandler): void {
  if (id === MESSAGE_PORT) handler.onPort((bytes[at]! << 8) | bytes[at + 1]!);
  else if (id === MESSAGE_HAVE) handler.onHave(readUint32(bytes, at));
  else if (id === MESSAGE_SUGGEST_PIECE) handler.onSuggest(readUint32(bytes, at));
  else handler.onAllowedFast(readUint32(bytes, at));
}

function report13(id: number, bytes: Uint8Array, at: number, handler: MessageHandler): void {
  const piece = readUint32(bytes, at);
  const begin = readUint32(bytes, at + 4);
  const length = readUint32(bytes, at + 8);
  if (id === MESSAGE_REQUEST) handler.onRequest(piece, begin, length);
  else if (id === MESSAGE_CANCEL) handler.onCancel(piece, begin, length);
  else handler.onReject(piece, begin, length);
}
