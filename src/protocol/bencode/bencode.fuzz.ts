/**
 * Fuzzes the bencode reader: random values survive a round trip, and damaged bytes give either a value or a
 * `BencodeError` whose offset lies in the input.
 */
import { assert } from '../../base/assert.ts';
import type { Random } from '../../base/random.ts';
import { toHex } from '../../base/text.ts';
import { BencodeError } from './bencode-error.ts';
import type { BencodeNode } from './bencode-node.ts';
import { readBencodePrefix } from './read-bencode.ts';
import { type BencodeValue, writeBencode } from './write-bencode.ts';

const LIMITS = { maxBytes: 1 << 16, maxDepth: 20, maxItems: 2000 };
/** Bytes that mean something, so that damage reaches deep. */
const TELLING = [0x30, 0x31, 0x39, 0x3a, 0x2d, 0x65, 0x69, 0x6c, 0x64, 0x00, 0xff];

export function fuzz(random: Random, iterations: number): void {
  for (let i = 0; i < iterations; i++) {
    const bytes = writeBencode(randomValue(random, 4));
    const copy = writeBencode(toValue(readBencodePrefix(bytes, LIMITS)));
    assert(toHex(copy) === toHex(bytes), `round trip of ${toHex(bytes)}`);
    const damaged = damage(bytes, random);
    try {
      walk(readBencodePrefix(damaged, LIMITS));
    } catch (error) {
      if (!(error instanceof BencodeError)) throw error;
      assert(
        error.offset >= 0 && error.offset <= damaged.length,
        `offset ${error.offset} of ${toHex(damaged)}`,
      );
    }
  }
}

/** A plain value equal to what `node` holds. */
export function toValue(node: BencodeNode): BencodeValue {
  const entries = node.entries();
  if (entries !== null) return new Map(entries.map(({ key, value }) => [key.asBytes()!, toValue(value)]));
  return node.items()?.map(toValue) ?? node.asBytes() ?? node.asInteger()!;
}

/** `bytes` with some of them changed, removed, put in or moved. */
export function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const result = [...bytes];
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(result.length + 1);
    const byte = random.below(2) === 0 ? TELLING[random.below(TELLING.length)]! : random.below(256);
    const action = random.below(4);
    if (action === 0) result.splice(at, 1, byte);
    else if (action === 1) result.splice(at, 0, byte);
    else if (action === 2) result.splice(at, 1 + random.below(4));
    else result.splice(at, 0, ...result.slice(random.below(result.length + 1)).slice(0, 20));
  }
  return Uint8Array.from(result);
}

function walk(node: BencodeNode): void {
  assert(node.end > node.start && node.encoded.length === node.end - node.start, 'a value has bytes');
  node.asTextLossy();
  node.asInteger();
  for (const item of node.items() ?? []) walk(item);
  for (const { key, value } of node.entries() ?? []) {
    assert(key.kind === 'string', 'a key is a string');
    walk(value);
  }
}

function randomValue(random: Random, depth: number): BencodeValue {
  const kind = random.below(depth > 0 ? 5 : 3);
  if (kind === 0) return random.below(2) === 0 ? random.uint32() : -random.below(20);
  if (kind === 1) return BigInt(random.uint32()) ** BigInt(1 + random.below(5));
  if (kind === 2) return randomBytes(random);
  const size = random.below(4);
  if (kind === 3) return Array.from({ length: size }, () => randomValue(random, depth - 1));
  const entries = new Map<string, Uint8Array>();
  for (let i = 0; i < size; i++) {
    const key = randomBytes(random);
    entries.set(toHex(key), key);
  }
  return new Map([...entries.values()].map((key) => [key, randomValue(random, depth - 1)]));
}

function randomBytes(random: Random): Uint8Array {
  return Uint8Array.from({ length: random.below(12) }, () => random.below(256));
}
