/**
 * Owns the fuzzer of the message decoder: random streams, whole and mutated, in random splits, against a naive decoder
 * that has the whole stream before it. Both must report the same calls and the same violation.
 */
import assert from 'node:assert/strict';
import type { Random } from '../../base/random.ts';
import { fromLatin1 } from '../../base/text.ts';
import type { BlockCopy } from '../../ports/block-copy.ts';
import { MessageDecoder } from './message-decoder.ts';
import type { MessageHandler } from './message-handler.ts';
import { MessageWriter } from './message-writer.ts';
import type { WireLimits } from './wire-limits.ts';

/** Small, so that random lengths fall on both sides of each limit. */
export const FUZZ_LIMITS: WireLimits = {
  maxBlockLength: 64,
  maxBitfieldBytes: 20,
  maxExtendedBytes: 100,
  maxUnknownBytes: 120,
};

export const plainCopy: BlockCopy = {
  copy(source, sourceStart, sourceEnd, target, targetStart) {
    assert.ok(sourceStart >= 0 && sourceStart < sourceEnd && sourceEnd <= source.length);
    assert.ok(targetStart >= 0 && targetStart + sourceEnd - sourceStart <= target.length);
    target.set(source.subarray(sourceStart, sourceEnd), targetStart);
  },
};

/** Writes every call down as a line. Blocks of odd pieces are discarded. */
export class RecordingHandler implements MessageHandler {
  readonly calls: string[] = [];
  /** Called after each line; a test stops the decoder from here. */
  afterCall: (() => void) | null = null;
  #block: Uint8Array | null = null;

  onKeepAlive(): void {
    this.#add('keep-alive');
  }
  onChoke(): void {
    this.#add('choke');
  }
  onUnchoke(): void {
    this.#add('unchoke');
  }
  onInterested(): void {
    this.#add('interested');
  }
  onNotInterested(): void {
    this.#add('not-interested');
  }
  onHave(piece: number): void {
    this.#add(`have ${piece}`);
  }
  onBitfield(bitfield: Uint8Array): void {
    this.#add(`bitfield ${bitfield.join(',')}`);
  }
  onRequest(piece: number, begin: number, length: number): void {
    this.#add(`request ${piece} ${begin} ${length}`);
  }
  onCancel(piece: number, begin: number, length: number): void {
    this.#add(`cancel ${piece} ${begin} ${length}`);
  }
  onBlockStart(piece: number, begin: number, length: number): Uint8Array | null {
    // One byte more than the block, to see that nothing is written behind it.
    this.#block = piece % 2 === 1 ? null : new Uint8Array(length + 1);
    this.#add(`block-start ${piece} ${begin} ${length}`);
    return this.#block;
  }
  onBlockEnd(piece: number, begin: number, length: number): void {
    const text = this.#block === null ? 'discarded' : this.#block.subarray(0, length).join(',');
    if (this.#block !== null) assert.equal(this.#block[length], 0, 'the byte behind the block is untouched');
    this.#add(`block-end ${piece} ${begin} ${length} ${text}`);
  }
  onPort(port: number): void {
    this.#add(`port ${port}`);
  }
  onSuggest(piece: number): void {
    this.#add(`suggest ${piece}`);
  }
  onHaveAll(): void {
    this.#add('have-all');
  }
  onHaveNone(): void {
    this.#add('have-none');
  }
  onReject(piece: number, begin: number, length: number): void {
    this.#add(`reject ${piece} ${begin} ${length}`);
  }
  onAllowedFast(piece: number): void {
    this.#add(`allowed-fast ${piece}`);
  }
  onExtended(extensionId: number, payload: Uint8Array): void {
    this.#add(`extended ${extensionId} ${payload.join(',')}`);
  }
  onUnknown(id: number, length: number): void {
    this.#add(`unknown ${id} ${length}`);
  }

  #add(line: string): void {
    this.calls.push(line);
    this.afterCall?.();
  }
}

/** Runs `iterations` random streams; throws on the first disagreement. */
export function fuzz(random: Random, iterations: number): void {
  for (let i = 0; i < iterations; i++) {
    const stream = randomStream(random);
    if (random.below(3) > 0) mutate(stream, random);
    const expected = naiveCalls(stream, FUZZ_LIMITS);
    const handler = new RecordingHandler();
    const decoder = new MessageDecoder(FUZZ_LIMITS, plainCopy);
    for (let at = 0; at < stream.length; ) {
      const end = Math.min(stream.length, at + 1 + random.below(random.below(4) === 0 ? 200 : 20));
      // What is lent is a copy that is spoilt afterwards: nothing may hold on to it.
      const lent = stream.slice(0, end);
      decoder.feed(lent, at, end, handler);
      lent.fill(0xee);
      at = end;
    }
    const calls = [...handler.calls, `violation ${decoder.violation}`];
    assert.deepEqual(calls, expected, `stream ${fromLatin1(stream)} (${i})`);
  }
}

type RandomWrite = (writer: MessageWriter, random: Random) => void;

const RANDOM_WRITES: readonly RandomWrite[] = [
  (writer) => writer.keepAlive(),
  (writer) => writer.choke(),
  (writer) => writer.haveAll(),
  (writer, random) => writer.have(randomNumber(random)),
  (writer, random) => writer.suggest(randomNumber(random)),
  (writer, random) => writer.port(random.below(65536)),
  (writer, random) => writer.request(randomNumber(random), randomNumber(random), randomNumber(random)),
  (writer, random) => writer.cancel(randomNumber(random), randomNumber(random), randomNumber(random)),
  (writer, random) => writer.reject(randomNumber(random), randomNumber(random), randomNumber(random)),
  (writer, random) => writer.bitfield(randomBytes(random, random.below(FUZZ_LIMITS.maxBitfieldBytes + 1))),
  (writer, random) =>
    writer.extended(random.below(256), randomBytes(random, random.below(FUZZ_LIMITS.maxExtendedBytes + 1))),
];

function randomStream(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let count = random.below(8); count >= 0; count--) parts.push(...randomMessage(random));
  return concat(parts);
}

function randomMessage(random: Random): Uint8Array[] {
  const kind = random.below(RANDOM_WRITES.length + 4);
  if (kind === RANDOM_WRITES.length) return [unknownMessage(random)];
  const writer = new MessageWriter(1024);
  if (kind < RANDOM_WRITES.length) {
    RANDOM_WRITES[kind]!(writer, random);
    return [writer.bytes()];
  }
  const block = randomBytes(random, 1 + random.below(FUZZ_LIMITS.maxBlockLength));
  writer.pieceHeader(randomNumber(random), randomNumber(random), block.length);
  return [writer.bytes(), block];
}

function randomNumber(random: Random): number {
  return random.below(4) === 0 ? random.uint32() : random.below(300);
}

function unknownMessage(random: Random): Uint8Array {
  const body = randomBytes(random, random.below(FUZZ_LIMITS.maxUnknownBytes));
  return Uint8Array.of(0, 0, 0, body.length + 1, 21 + random.below(200), ...body);
}

function mutate(stream: Uint8Array, random: Random): void {
  for (let count = 1 + random.below(3); count > 0 && stream.length > 0; count--) {
    const at = random.below(stream.length);
    const kind = random.below(3);
    if (kind === 0) stream[at] = random.below(256);
    else if (kind === 1) stream[at]! ^= 1 << random.below(8);
    else stream.copyWithin(at, random.below(stream.length));
  }
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const PLAIN_NAMES = ['choke', 'unchoke', 'interested', 'not-interested'];

/** What a decoder must report of a whole stream, written the obvious way. */
export function naiveCalls(stream: Uint8Array, limits: WireLimits): string[] {
  const calls: string[] = [];
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const longest = Math.max(
    13,
    9 + limits.maxBlockLength,
    1 + limits.maxBitfieldBytes,
    2 + limits.maxExtendedBytes,
    limits.maxUnknownBytes,
  );
  for (let at = 0; at + 4 <= stream.length; ) {
    const length = view.getUint32(at);
    if (length === 0) {
      calls.push('keep-alive');
      at += 4;
      continue;
    }
    if (length > longest) return [...calls, 'violation 1'];
    if (at + 5 > stream.length) break;
    const violation = naiveMessage(view, at, length, limits, calls);
    if (violation !== 0) return [...calls, `violation ${violation}`];
    at += 4 + length;
  }
  return [...calls, 'violation 0'];
}

function naiveMessage(
  view: DataView,
  at: number,
  length: number,
  limits: WireLimits,
  calls: string[],
): number {
  const id = view.getUint8(at + 4);
  const isWhole = at + 4 + length <= view.byteLength;
  const body = new Uint8Array(view.buffer, view.byteOffset + at + 5, isWhole ? length - 1 : 0);
  const numbers = (count: number): string =>
    Array.from({ length: count }, (_, i) => view.getUint32(at + 5 + 4 * i)).join(' ');
  const fixed = (expected: number, line: () => string): number => {
    if (length !== expected) return 2;
    if (isWhole) calls.push(line());
    return 0;
  };
  switch (id) {
    case 0:
    case 1:
    case 2:
    case 3:
      return fixed(1, () => PLAIN_NAMES[id]!);
    case 4:
      return fixed(5, () => `have ${numbers(1)}`);
    case 5:
      if (body.length > limits.maxBitfieldBytes || length - 1 > limits.maxBitfieldBytes) return 4;
      if (isWhole) calls.push(`bitfield ${body.join(',')}`);
      return 0;
    case 6:
      return fixed(13, () => `request ${numbers(3)}`);
    case 7:
      return naiveBlock(view, at, length, limits, calls);
    case 8:
      return fixed(13, () => `cancel ${numbers(3)}`);
    case 9:
      return fixed(3, () => `port ${view.getUint16(at + 5)}`);
    case 13:
      return fixed(5, () => `suggest ${numbers(1)}`);
    case 14:
      return fixed(1, () => 'have-all');
    case 15:
      return fixed(1, () => 'have-none');
    case 16:
      return fixed(13, () => `reject ${numbers(3)}`);
    case 17:
      return fixed(5, () => `allowed-fast ${numbers(1)}`);
    case 20:
      if (length < 2) return 2;
      if (length - 2 > limits.maxExtendedBytes) return 5;
      if (isWhole) calls.push(`extended ${body[0]} ${body.subarray(1).join(',')}`);
      return 0;
    default:
      if (length > limits.maxUnknownBytes) return 6;
      calls.push(`unknown ${id} ${length}`);
      return 0;
  }
}

function naiveBlock(view: DataView, at: number, length: number, limits: WireLimits, calls: string[]): number {
  if (length < 10 || length - 9 > limits.maxBlockLength) return 3;
  if (at + 13 > view.byteLength) return 0;
  const piece = view.getUint32(at + 5);
  const label = `${piece} ${view.getUint32(at + 9)} ${length - 9}`;
  calls.push(`block-start ${label}`);
  if (at + 4 + length > view.byteLength) return 0;
  const block = new Uint8Array(view.buffer, view.byteOffset + at + 13, length - 9);
  calls.push(`block-end ${label} ${piece % 2 === 1 ? 'discarded' : block.join(',')}`);
  return 0;
}
