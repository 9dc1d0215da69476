/**
 * Owns what travels between hosts: a few bytes of a stream, its end, its reset, or one datagram.
 */

export const CHUNK_DATA = 0;
/** The sender has no more to say. */
export const CHUNK_FINISH = 1;
/** The sender knows nothing of this connection, or gave it up. */
export const CHUNK_RESET = 2;

/** Gets a chunk that has passed all lines. */
export interface ChunkReceiver {
  onChunkReceived(chunk: Chunk): void;
}

export interface Chunk {
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** Bytes that it takes of a line, headers included. */
  readonly wireLength: number;
  readonly receiver: ChunkReceiver;
  /** When it reaches the far end; known once it was sent. */
  arrivesAt: number;
}

/** Bytes of headers for each packet (IP and TCP or UDP). */
const HEADER_BYTES = 40;
/** Bytes of data in a packet. */
const PACKET_BYTES = 1460;

export function createChunk(kind: number, bytes: Uint8Array, receiver: ChunkReceiver): Chunk {
  const packets = Math.max(1, Math.ceil(bytes.length / PACKET_BYTES));
  return { kind, bytes, wireLength: bytes.length + packets * HEADER_BYTES, receiver, arrivesAt: 0 };
}
