/** The `Crypto` port on Node's OpenSSL. */
import { createHash, type Hash, hash } from 'node:crypto';
import type { Crypto, IncrementalDigest } from '../ports/crypto.ts';

export class NodeCrypto implements Crypto {
  sha1(bytes: Uint8Array): Uint8Array {
    return hash('sha1', bytes, 'buffer');
  }

  sha256(bytes: Uint8Array): Uint8Array {
    return hash('sha256', bytes, 'buffer');
  }

  createSha1(): IncrementalDigest {
    return new NodeDigest('sha1');
  }

  createSha256(): IncrementalDigest {
    return new NodeDigest('sha256');
  }
}

class NodeDigest implements IncrementalDigest {
  readonly #hash: Hash;

  constructor(algorithm: 'sha1' | 'sha256') {
    this.#hash = createHash(algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Uint8Array {
    return this.#hash.digest();
  }
}
