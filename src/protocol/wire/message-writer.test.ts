import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainCopy, RecordingHandler } from './message-decoder.fuzz.ts';
import { MessageDecoder } from './message-decoder.ts';
import { MessageWriter } from './message-writer.ts';
import { VIOLATION_NONE } from './violation.ts';
import { wireLimits } from './wire-limits.ts';

/** Every message the writer has, its bytes, and what a decoder says of it. */
const EVERY_MESSAGE: readonly (readonly [
  write: (writer: MessageWriter) => void,
  bytes: string,
  call: string,
])[] = [
  [(writer) => writer.keepAlive(), '00000000', 'keep-alive'],
  [(writer) => writer.choke(), '0000000100', 'choke'],
  [(writer) => writer.unchoke(), '0000000101', 'unchoke'],
  [(writer) => writer.interested(), '0000000102', 'interested'],
  [(writer) => writer.notInterested(), '0000000103', 'not-interested'],
  [(writer) => writer.have(258), '000000050400000102', 'have 258'],
  [(writer) => writer.bitfield(Uint8Array.of(0xa5, 0xf0)), '0000000305a5f0', 'bitfield 165,240'],
  [(writer) => writer.bitfield(new Uint8Array(0)), '0000000105', 'bitfield '],
  [
    (writer) => writer.request(4294967295, 2147483648, 16384),
    '0000000d06ffffffff8000000000004000',
    'request 4294967295 2147483648 16384',
  ],
  [(writer) => writer.cancel(1, 2, 3), '0000000d08000000010000000200000003', 'cancel 1 2 3'],
  [(writer) => writer.port(51413), '0000000309c8d5', 'port 51413'],
  [(writer) => writer.suggest(7), '000000050d00000007', 'suggest 7'],
  [(writer) => writer.haveAll(), '000000010e', 'have-all'],
  [(writer) => writer.haveNone(), '000000010f', 'have-none'],
  [(writer) => writer.reject(1, 2, 3), '0000000d10000000010000000200000003', 'reject 1 2 3'],
  [(writer) => writer.allowedFast(9), '000000051100000009', 'allowed-fast 9'],
  [(writer) => writer.extended(3, Uint8Array.of(100, 101)), '0000000414036465', 'extended 3 100,101'],
  [(writer) => writer.extended(0, new Uint8Array(0)), '000000021400', 'extended 0 '],
];

test('every message has the bytes that the BEPs give it', () => {
  for (const [write, bytes, call] of EVERY_MESSAGE) {
    const writer = new MessageWriter(1024);
    write(writer);
    assert.equal(Buffer.from(writer.bytes()).toString('hex'), bytes, call);
    assert.equal(writer.length, bytes.length / 2);
  }
});

test('what is written is decoded again, all messages in one stream', () => {
  const writer = new MessageWriter(1024);
  for (const [write] of EVERY_MESSAGE) write(writer);
  const handler = new RecordingHandler();
  const decoder = new MessageDecoder(wireLimits(16), plainCopy);
  assert.equal(decoder.feed(writer.bytes(), 0, writer.length, handler), VIOLATION_NONE);
  assert.deepEqual(
    handler.calls,
    EVERY_MESSAGE.map(([, , call]) => call),
  );
  assert.ok(decoder.isIdle);
});

test('a piece header is thirteen bytes that announce the block behind it', () => {
  const writer = new MessageWriter(1024);
  writer.pieceHeader(2, 16384, 3);
  assert.equal(Buffer.from(writer.bytes()).toString('hex'), '0000000c070000000200004000');
  const handler = new RecordingHandler();
  const decoder = new MessageDecoder(wireLimits(16), plainCopy);
  decoder.feed(writer.bytes(), 0, 13, handler);
  decoder.feed(Uint8Array.of(7, 8, 9), 0, 3, handler);
  assert.deepEqual(handler.calls, ['block-start 2 16384 3', 'block-end 2 16384 3 7,8,9']);
});

test('the array grows with what is written', () => {
  const writer = new MessageWriter(1 << 20);
  for (let piece = 0; piece < 5000; piece++) writer.have(piece);
  assert.equal(writer.length, 45000);
  const bytes = writer.bytes();
  for (let piece = 0; piece < 5000; piece++) {
    assert.equal(Buffer.from(bytes.subarray(9 * piece, 9 * piece + 9)).readUInt32BE(5), piece);
  }
});

test('a message that does not fit the bound is left out whole, and the writer says so', () => {
  const writer = new MessageWriter(1000);
  for (let i = 0; i < 100; i++) writer.reject(i, 0, 16384);
  assert.equal(writer.overflowed, true);
  assert.equal(writer.length, Math.floor(1000 / 17) * 17);
  writer.clear();
  assert.equal(writer.overflowed, false);
  assert.equal(writer.length, 0);
  writer.extended(0, new Uint8Array(994));
  assert.equal(writer.length, 1000);
  assert.equal(writer.overflowed, false);
  writer.keepAlive();
  assert.equal(writer.overflowed, true);
});

test('after clear the writer starts afresh, also after having been large', () => {
  const writer = new MessageWriter(1 << 20);
  writer.bitfield(new Uint8Array(100_000));
  writer.clear();
  writer.choke();
  assert.deepEqual([...writer.bytes()], [0, 0, 0, 1, 0]);
});
