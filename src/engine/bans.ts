/**
 * Owns the addresses that are banned for this session, and why. Bounded: when full, the oldest ban goes.
 */
import { MAX_BANNED_ADDRESSES } from './limits.ts';

export class Bans {
  /** In order of banning. */
  readonly #addresses = new Set<string>();

  get size(): number {
    return this.#addresses.size;
  }

  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** True when the address was not banned before. */
  add(address: string): boolean {
    if (this.#addresses.has(address)) return false;
    if (this.#addresses.size >= MAX_BANNED_ADDRESSES) {
      for (const oldest of this.#addresses) {
        this.#addresses.delete(oldest);
        break;
      }
    }
    this.#addresses.add(address);
    return true;
  }
}
