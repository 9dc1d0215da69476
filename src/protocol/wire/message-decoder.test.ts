import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom } from '../../base/random.ts';
import { FUZZ_LIMITS, fuzz, naiveCalls, plainCopy, RecordingHandler } from './message-decoder.fuzz.ts';
import { MessageDecoder } from './message-decoder.ts';
import {
  VIOLATION_BITFIELD_TOO_LONG,
  VIOLATION_BLOCK_LENGTH,
  VIOLATION_EXTENDED_TOO_LONG,
  VIOLATION_MESSAGE_TOO_LONG,
  VIOLATION_NONE,
  VIOLATION_UNKNOWN_TOO_LONG,
  VIOLATION_WRONG_LENGTH,
  type ViolationCode,
} from './violation.ts';
import { wireLimits } from './wire-limits.ts';

/** A message from its hexadecimal text; spaces are for the eye. */
function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

/** The first `shown` bytes of a message with this length prefix, the rest zeros. */
function message(length: number, id: number, shown = length): Uint8Array {
  const bytes = new Uint8Array(4 + shown);
  new DataView(bytes.buffer).setUint32(0, length);
  if (shown > 0) bytes[4] = id;
  return bytes;
}

function decode(
  stream: Uint8Array,
  splits: readonly number[] = [],
): { calls: string[]; violation: ViolationCode } {
  const handler = new RecordingHandler();
  const decoder = new MessageDecoder(FUZZ_LIMITS, plainCopy);
  let start = 0;
  for (const end of [...splits, stream.length]) {
    decoder.feed(stream, start, end, handler);
    start = end;
  }
  return { calls: handler.calls, violation: decoder.violation };
}

/** Bytes as the BEPs give them, and what they mean. */
const EVERY_MESSAGE: readonly (readonly [bytes: string, calls: readonly string[]])[] = [
  ['00000000', ['keep-alive']],
  ['00000001 00', ['choke']],
  ['00000001 01', ['unchoke']],
  ['00000001 02', ['interested']],
  ['00000001 03', ['not-interested']],
  ['00000005 04 00000102', ['have 258']],
  ['00000003 05 a5f0', ['bitfield 165,240']],
  ['00000001 05', ['bitfield ']],
  ['0000000d 06 ffffffff 80000000 00004000', ['request 4294967295 2147483648 16384']],
  ['0000000c 07 00000002 00000010 070809', ['block-start 2 16 3', 'block-end 2 16 3 7,8,9']],
  ['0000000c 07 00000003 00000010 070809', ['block-start 3 16 3', 'block-end 3 16 3 discarded']],
  ['0000000d 08 00000001 00000002 00000003', ['cancel 1 2 3']],
  ['00000003 09 1ae1', ['port 6881']],
  ['00000005 0d 00000007', ['suggest 7']],
  ['00000001 0e', ['have-all']],
  ['00000001 0f', ['have-none']],
  ['0000000d 10 00000001 00000002 00000003', ['reject 1 2 3']],
  ['00000005 11 00000009', ['allowed-fast 9']],
  ['00000005 14 01 646565', ['extended 1 100,101,101']],
  ['00000002 14 00', ['extended 0 ']],
  ['00000001 15', ['unknown 21 1']],
  ['00000004 ff 010203', ['unknown 255 4']],
];

test('every message is decoded, split at every byte', () => {
  for (const [text, calls] of EVERY_MESSAGE) {
    const bytes = hex(text);
    for (let split = 0; split <= bytes.length; split++) {
      assert.deepEqual(
        decode(bytes, [split]),
        { calls, violation: VIOLATION_NONE },
        `${text} split at ${split}`,
      );
    }
  }
});

test('several messages in one feed are decoded in order, and byte by byte likewise', () => {
  const stream = hex(EVERY_MESSAGE.map(([text]) => text).join(''));
  const expected = EVERY_MESSAGE.flatMap(([, calls]) => calls);
  assert.deepEqual(decode(stream).calls, expected);
  assert.deepEqual(decode(stream, [...stream.keys()]).calls, expected);
});

test('every pair of splits of the whole stream gives the same calls', () => {
  const stream = hex(EVERY_MESSAGE.map(([text]) => text).join(''));
  const expected = EVERY_MESSAGE.flatMap(([, calls]) => calls);
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second += 3) {
      assert.deepEqual(decode(stream, [first, second]).calls, expected, `split at ${first} and ${second}`);
    }
  }
});

test('only bytes from start to end are read', () => {
  const handler = new RecordingHandler();
  const decoder = new MessageDecoder(FUZZ_LIMITS, plainCopy);
  decoder.feed(hex('ff 00000001 00 ff'), 1, 6, handler);
  assert.deepEqual(handler.calls, ['choke']);
  assert.ok(decoder.isIdle);
});

/** What the limit allows, what is one beyond, and the violation. Lengths are those of FUZZ_LIMITS. */
const LIMITS: readonly (readonly [title: string, id: number, most: number, violation: ViolationCode])[] = [
  ['a block', 7, 9 + FUZZ_LIMITS.maxBlockLength, VIOLATION_BLOCK_LENGTH],
  ['a bitfield', 5, 1 + FUZZ_LIMITS.maxBitfieldBytes, VIOLATION_BITFIELD_TOO_LONG],
  ['an extended message', 20, 2 + FUZZ_LIMITS.maxExtendedBytes, VIOLATION_EXTENDED_TOO_LONG],
  ['an unknown message', 99, FUZZ_LIMITS.maxUnknownBytes, VIOLATION_MESSAGE_TOO_LONG],
];

for (const [title, id, most, violation] of LIMITS) {
  test(`${title} is taken at its limit and refused beyond it`, () => {
    const taken = decode(message(most, id));
    assert.equal(taken.violation, VIOLATION_NONE);
    assert.ok(taken.calls.length > 0);
    assert.deepEqual(decode(message(most + 1, id, 1)), { calls: [], violation });
  });
}

test('an unknown message beyond its own limit, but not beyond all, is refused once its id is known', () => {
  const limits = { ...FUZZ_LIMITS, maxUnknownBytes: 30 };
  const handler = new RecordingHandler();
  const decoder = new MessageDecoder(limits, plainCopy);
  const bytes = message(31, 99, 1);
  assert.equal(decoder.feed(bytes, 0, 4, handler), VIOLATION_NONE);
  assert.equal(decoder.feed(bytes, 4, 5, handler), VIOLATION_UNKNOWN_TOO_LONG);
  assert.deepEqual(handler.calls, []);
});

test('a length prefix of all ones is a violation before the id came', () => {
  assert.deepEqual(decode(hex('ffffffff')), { calls: [], violation: VIOLATION_MESSAGE_TOO_LONG });
  assert.deepEqual(decode(hex('ffffffff'), [1, 2, 3]), { calls: [], violation: VIOLATION_MESSAGE_TOO_LONG });
});

test('a message of fixed size with any other length is a violation', () => {
  const sizes = new Map([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 5],
    [6, 13],
    [8, 13],
    [9, 3],
    [13, 5],
    [14, 1],
    [15, 1],
    [16, 13],
    [17, 5],
  ]);
  for (const [id, size] of sizes) {
    for (let length = 1; length <= 20; length++) {
      const expected = length === size ? VIOLATION_NONE : VIOLATION_WRONG_LENGTH;
      assert.equal(decode(message(length, id)).violation, expected, `id ${id}, length ${length}`);
    }
  }
});

test('a piece message without a block, and one too short for its numbers, are violations', () => {
  for (let length = 1; length <= 9; length++) {
    assert.equal(decode(message(length, 7)).violation, VIOLATION_BLOCK_LENGTH, `length ${length}`);
  }
});

test('an extended message without an extended id is a violation', () => {
  assert.equal(decode(message(1, 20)).violation, VIOLATION_WRONG_LENGTH);
});

test('after a violation nothing more is reported and the violation stays', () => {
  const handler = new RecordingHandler();
  const decoder = new MessageDecoder(FUZZ_LIMITS, plainCopy);
  const bytes = hex('00000001 00 00000002 00 00 00000001 01');
  assert.equal(decoder.feed(bytes, 0, bytes.length, handler), VIOLATION_WRONG_LENGTH);
  assert.equal(decoder.feed(bytes, 0, 5, handler), VIOLATION_WRONG_LENGTH);
  assert.deepEqual(handler.calls, ['choke']);
  assert.equal(decoder.isIdle, false);
});

test('stop in any callback ends the feed at once and for good', () => {
  const stream = hex(EVERY_MESSAGE.map(([text]) => text).join(''));
  const all = EVERY_MESSAGE.flatMap(([, calls]) => calls);
  for (let stopAfter = 1; stopAfter <= all.length; stopAfter++) {
    for (const step of [stream.length, 1, 7]) {
      const handler = new RecordingHandler();
      const decoder = new MessageDecoder(FUZZ_LIMITS, plainCopy);
      handler.afterCall = () => {
        if (handler.calls.length === stopAfter) decoder.stop();
      };
      for (let at = 0; at < stream.length; at += step) {
        const end = Math.min(at + step, stream.length);
        assert.equal(decoder.feed(stream, at, end, handler), VIOLATION_NONE);
      }
      assert.deepEqual(handler.calls, all.slice(0, stopAfter), `stopped after ${stopAfter}, fed by ${step}`);
      assert.equal(decoder.blockInProgress, false);
    }
  }
});

test('the decoder knows whether it is between messages and whether a block is in progress', () => {
  const handler = new RecordingHandler();
  const decoder = new MessageDecoder(FUZZ_LIMITS, plainCopy);
  const bytes = hex('0000000b 07 00000002 00000000 0102');
  const states: string[] = [];
  for (let at = 0; at < bytes.length; at++) {
    states.push(decoder.isIdle ? 'idle' : decoder.blockInProgress ? 'block' : 'head');
    decoder.feed(bytes, at, at + 1, handler);
  }
  states.push(decoder.isIdle ? 'idle' : 'busy');
  assert.deepEqual(states, ['idle', ...Array(12).fill('head'), 'block', 'block', 'idle']);
});

test('a block goes to shared memory, and only its own bytes are written', () => {
  const memory = new Uint8Array(new SharedArrayBuffer(16)).fill(0xaa);
  const handler = new RecordingHandler();
  handler.onBlockStart = () => memory.subarray(4, 12);
  const decoder = new MessageDecoder(FUZZ_LIMITS, plainCopy);
  const bytes = hex('0000000c 07 00000000 00000000 010203');
  decoder.feed(bytes, 0, 14, handler);
  decoder.feed(bytes, 14, bytes.length, handler);
  assert.equal(Buffer.from(memory).toString('hex'), 'aaaaaaaa010203aaaaaaaaaaaaaaaaaa');
});

test('an announced length alone takes no memory: a long body is held only as far as it came', () => {
  const limits = wireLimits(8_000_000);
  const decoders: MessageDecoder[] = [];
  const handler = new RecordingHandler();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 200; i++) {
    const decoder = new MessageDecoder(limits, plainCopy);
    decoder.feed(message(1_000_000, 5, 2), 0, 6, handler);
    decoders.push(decoder);
  }
  const perDecoder = (process.memoryUsage().arrayBuffers - before) / decoders.length;
  assert.ok(perDecoder < 10_000, `${perDecoder} bytes each`);
});

test('any stream of bytes in any split gives what the naive decoder gives', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      (stream, cuts) => {
        const splits = cuts.filter((cut) => cut <= stream.length).sort((a, b) => a - b);
        const { calls, violation } = decode(stream, splits);
        assert.deepEqual([...calls, `violation ${violation}`], naiveCalls(stream, FUZZ_LIMITS));
      },
    ),
  );
});

test('random streams, whole and mutated, agree with the naive decoder', () => {
  fuzz(new SeededRandom(2), 3000);
});
