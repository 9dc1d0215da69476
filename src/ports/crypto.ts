/**
 * The seam to digests. Synchronous, because it is called where the bytes are: in the disk worker for pieces, at the
 * edge for metainfo. Injected, so that a huge simulation can use an oracle's digest.
 */

/** A digest over bytes that arrive in order. */
export interface IncrementalDigest {
  update(bytes: Uint8Array): void;
  /** The digest; the object is spent afterwards. */
  digest(): Uint8Array;
}

export interface Crypto {
  /** 20 bytes. */
  sha1(bytes: Uint8Array): Uint8Array;
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  createSha1(): IncrementalDigest;
  createSha256(): IncrementalDigest;
}
