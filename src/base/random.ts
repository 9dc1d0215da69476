/**
 * Owns the deterministic generator: xoshiro128** seeded through splitmix32. The same seed gives the same numbers on
 * every machine. Not for secrets: those come from the `Entropy` port.
 */
import { assert } from './assert.ts';

/** Where deciders take their choices from. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number;
  /** A whole number from 0 to `bound` - 1; `bound` is at least 1 and at most 2^32. */
  below(bound: number): number;
}

export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let mix = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      mix = (mix + 0x9e3779b9) >>> 0;
      let word = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
      this.#state[i] = word ^ (word >>> 16);
    }
  }

  uint32(): number {
    const s = this.#state;
    const product = Math.imul(s[1]!, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  below(bound: number): number {
    assert(bound >= 1 && bound <= 0x1_0000_0000, `random below ${bound}`);
    return Math.floor((this.uint32() * bound) / 0x1_0000_0000);
  }
}

/** Puts `items` in random order, in place (Fisher-Yates). */
export function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const other = random.below(i + 1);
    const item = items[i]!;
    items[i] = items[other]!;
    items[other] = item;
  }
}
