import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BugError } from './assert.ts';
import { SeededRandom, shuffle } from './random.ts';

/** The generator as its authors describe it, in 64-bit arithmetic that cannot overflow unnoticed. */
function* referenceXoshiro128(state: [bigint, bigint, bigint, bigint]): Generator<number> {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;
  const s = state;
  for (;;) {
    yield Number((rotate((s[1] * 5n) & mask, 7n) * 9n) & mask);
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
  }
}

/** The four words that the seed expands to. */
function expandSeed(seed: number): [bigint, bigint, bigint, bigint] {
  const mask = 0xffffffffn;
  let mix = BigInt(seed >>> 0);
  const next = (): bigint => {
    mix = (mix + 0x9e3779b9n) & mask;
    let word = ((mix ^ (mix >> 16n)) * 0x85ebca6bn) & mask;
    word = ((word ^ (word >> 13n)) * 0xc2b2ae35n) & mask;
    return word ^ (word >> 16n);
  };
  return [next(), next(), next(), next()];
}

test('the numbers are those of xoshiro128** for every seed', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), (seed) => {
      const random = new SeededRandom(seed);
      const reference = referenceXoshiro128(expandSeed(seed));
      for (let i = 0; i < 20; i++) assert.equal(random.uint32(), reference.next().value);
    }),
  );
});

test('the same seed gives the same numbers, another seed others', () => {
  const sample = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  assert.deepEqual(sample(7), sample(7));
  const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => sample(seed)[0]));
  assert.equal(firsts.size, 1000);
});

test('a number below a bound is whole and below it, at the ends of the range too', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 0x1_0000_0000 }), (seed, bound) => {
      const value = new SeededRandom(seed).below(bound);
      assert.ok(Number.isInteger(value) && value >= 0 && value < bound);
    }),
  );
  const random = new SeededRandom(1);
  assert.equal(random.below(1), 0);
  for (const bound of [0, -1, 0x1_0000_0001, Number.NaN]) assert.throws(() => random.below(bound), BugError);
});

test('every number below a small bound comes about equally often', () => {
  const random = new SeededRandom(42);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[random.below(10)]!++;
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, String(counts));
});

test('shuffling keeps the items, and every order of three comes about equally often', () => {
  const random = new SeededRandom(3);
  const orders = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const items = ['a', 'b', 'c'];
    shuffle(items, random);
    assert.deepEqual([...items].sort(), ['a', 'b', 'c']);
    orders.set(items.join(''), (orders.get(items.join('')) ?? 0) + 1);
  }
  assert.equal(orders.size, 6);
  for (const count of orders.values()) assert.ok(Math.abs(count - 2000) < 200, String([...orders]));
});
