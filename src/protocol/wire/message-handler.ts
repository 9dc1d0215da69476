/**
 * Owns what the decoder reports: one method for each message, numbers as they came.
 *
 * Numbers are unsigned 32-bit and not validated against a torrent: a handler checks them before it makes an index of one.
 * Lent bytes are valid during the call only. A method may call `decoder.stop()`, and must not call `feed`.
 */
export interface MessageHandler {
  /** An empty message (BEP 3). */
  onKeepAlive(): void;
  onChoke(): void;
  onUnchoke(): void;
  onInterested(): void;
  onNotInterested(): void;
  onHave(piece: number): void;
  /** `bitfield` is lent, at most `maxBitfieldBytes` long, possibly shorter than the torrent needs. */
  onBitfield(bitfield: Uint8Array): void;
  onRequest(piece: number, begin: number, length: number): void;
  onCancel(piece: number, begin: number, length: number): void;
  /**
   * A piece message begins. Returns where its `length` bytes (1 to `maxBlockLength`) go, an array at least that long,
   * or null to discard them. The decoder writes to it until `onBlockEnd`, or until the connection is given up.
   */
  onBlockStart(piece: number, begin: number, length: number): Uint8Array | null;
  /** All bytes of the block are in place, or discarded. */
  onBlockEnd(piece: number, begin: number, length: number): void;
  /** The peer's DHT node listens on this UDP port (BEP 5). */
  onPort(port: number): void;
  onSuggest(piece: number): void;
  onHaveAll(): void;
  onHaveNone(): void;
  onReject(piece: number, begin: number, length: number): void;
  onAllowedFast(piece: number): void;
  /** An extended message (BEP 10) with the id that we gave it in our handshake, 0 for the handshake; `payload` is lent. */
  onExtended(extensionId: number, payload: Uint8Array): void;
  /** A message with an unknown id begins; its `length` bytes, id included, will be skipped. */
  onUnknown(id: number, length: number): void;
}
