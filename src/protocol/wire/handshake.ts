/**
 * Owns the handshake that opens every connection (BEP 3): its encoding, its incremental decoding, and the reserved bits
 * of the extensions that we speak of (BEP 5, 6, 10). It does not own whether the info hash is one of ours.
 *
 * Layout: length of the protocol's name (1), name (19), reserved bits (8), info hash (20), peer id (20).
 */
import { assert } from '../../base/assert.ts';
import { VIOLATION_NONE, VIOLATION_NOT_BITTORRENT, type ViolationCode } from './violation.ts';

export const HANDSHAKE_LENGTH = 68;
/** Length of an info hash (BEP 3). */
export const INFO_HASH_LENGTH = 20;
/** Length of a peer id (BEP 3). */
export const PEER_ID_LENGTH = 20;

const PROTOCOL = 'BitTorrent protocol';
const RESERVED_AT = 20;
const RESERVED_LENGTH = 8;
const INFO_HASH_AT = 28;
const PEER_ID_AT = 48;

// Bits of the reserved bytes: which byte, and the bit in it.
const EXTENSION_BYTE = 5;
const EXTENSION_BIT = 0x10; // BEP 10
const LAST_BYTE = 7;
const DHT_BIT = 0x01; // BEP 5
const FAST_BIT = 0x04; // BEP 6

/** What one side says in its reserved bits that it speaks. An extension is on when both sides say so. */
export interface HandshakeFeatures {
  /** Fast extension (BEP 6). */
  readonly fast: boolean;
  /** Extension protocol (BEP 10). */
  readonly extension: boolean;
  /** Has a DHT node and takes the port message (BEP 5). */
  readonly dht: boolean;
}

/** The 68 bytes of a handshake; `infoHash` and `peerId` are 20 bytes each. */
export function encodeHandshake(
  infoHash: Uint8Array,
  peerId: Uint8Array,
  features: HandshakeFeatures,
): Uint8Array {
  assert(infoHash.length === INFO_HASH_LENGTH, `info hash of ${infoHash.length} bytes`);
  assert(peerId.length === PEER_ID_LENGTH, `peer id of ${peerId.length} bytes`);
  const bytes = new Uint8Array(HANDSHAKE_LENGTH);
  for (let at = 0; at < RESERVED_AT; at++) bytes[at] = protocolByte(at);
  if (features.extension) bytes[RESERVED_AT + EXTENSION_BYTE] = EXTENSION_BIT;
  bytes[RESERVED_AT + LAST_BYTE] = (features.fast ? FAST_BIT : 0) | (features.dht ? DHT_BIT : 0);
  bytes.set(infoHash, INFO_HASH_AT);
  bytes.set(peerId, PEER_ID_AT);
  return bytes;
}

/** Takes a peer's handshake in any split. */
export class HandshakeDecoder {
  readonly #bytes = new Uint8Array(HANDSHAKE_LENGTH);
  #length = 0;
  #violation: ViolationCode = VIOLATION_NONE;

  /**
   * Takes what it needs of `bytes[start, end)` and returns how many bytes that was. What is behind the handshake
   * stays with the caller, for the message decoder. After a violation nothing is taken.
   */
  feed(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#length < HANDSHAKE_LENGTH && this.#violation === VIOLATION_NONE) {
      const byte = bytes[at]!;
      if (this.#length < RESERVED_AT && byte !== protocolByte(this.#length)) {
        this.#violation = VIOLATION_NOT_BITTORRENT;
        break;
      }
      this.#bytes[this.#length++] = byte;
      at++;
    }
    return at - start;
  }

  /** `VIOLATION_NOT_BITTORRENT` from the first byte on that differs from the protocol's name. */
  get violation(): ViolationCode {
    return this.#violation;
  }

  /** The info hash is here: an accepted connection can be answered, before the peer id came. */
  get hasInfoHash(): boolean {
    return this.#length >= PEER_ID_AT;
  }

  /** All 68 bytes are here. */
  get isComplete(): boolean {
    return this.#length === HANDSHAKE_LENGTH;
  }

  /** Bytes taken so far. */
  get length(): number {
    return this.#length;
  }

  /** The 8 reserved bytes as they came; known with the info hash. */
  get reserved(): Uint8Array {
    assert(this.hasInfoHash, 'the reserved bytes are here');
    return this.#bytes.slice(RESERVED_AT, RESERVED_AT + RESERVED_LENGTH);
  }

  /** What the peer speaks; known with the info hash. */
  get features(): HandshakeFeatures {
    return featuresOf(this.reserved);
  }

  /** A copy of the 20 bytes. */
  get infoHash(): Uint8Array {
    assert(this.hasInfoHash, 'the info hash is here');
    return this.#bytes.slice(INFO_HASH_AT, INFO_HASH_AT + INFO_HASH_LENGTH);
  }

  /** A copy of the 20 bytes. */
  get peerId(): Uint8Array {
    assert(this.isComplete, 'the peer id is here');
    return this.#bytes.slice(PEER_ID_AT, PEER_ID_AT + PEER_ID_LENGTH);
  }
}

/** Reads the 8 reserved bytes; bits of extensions that we do not know are ignored. */
export function featuresOf(reserved: Uint8Array): HandshakeFeatures {
  const last = reserved[LAST_BYTE]!;
  return {
    fast: (last & FAST_BIT) !== 0,
    extension: (reserved[EXTENSION_BYTE]! & EXTENSION_BIT) !== 0,
    dht: (last & DHT_BIT) !== 0,
  };
}

/** Byte `at` (below 20) of every handshake. */
function protocolByte(at: number): number {
  return at === 0 ? PROTOCOL.length : PROTOCOL.charCodeAt(at - 1);
}
