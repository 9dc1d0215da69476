/** Owns the `Entropy` port on Node, and the unpredictable seed of a process's `Random`. */
import { randomFillSync } from 'node:crypto';
import { SeededRandom } from '../base/random.ts';
import type { Entropy } from '../ports/entropy.ts';

export const nodeEntropy: Entropy = {
  fill(bytes) {
    randomFillSync(bytes);
  },
};

/** A generator for choices, seeded from `entropy`: different in every process, but not for secrets. */
export function seededRandomFromEntropy(entropy: Entropy): SeededRandom {
  const seed = new Uint32Array(1);
  entropy.fill(new Uint8Array(seed.buffer));
  return new SeededRandom(seed[0]!);
}
