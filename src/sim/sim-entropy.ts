/** Owns unpredictable bytes that are predictable: `Entropy` from the world's seed. */
import type { Random } from '../base/random.ts';
import type { Entropy } from '../ports/entropy.ts';

export class SimEntropy implements Entropy {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#random.below(256);
  }
}
