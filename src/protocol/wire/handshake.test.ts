import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeHandshake, featuresOf, HANDSHAKE_LENGTH, HandshakeDecoder } from './handshake.ts';
import { VIOLATION_NONE, VIOLATION_NOT_BITTORRENT } from './violation.ts';

const INFO_HASH = Uint8Array.from({ length: 20 }, (_, i) => 100 + i);
const PEER_ID = Uint8Array.from({ length: 20 }, (_, i) => 200 + i);
const NOTHING = { fast: false, extension: false, dht: false };

test('a handshake has the layout of BEP 3', () => {
  const bytes = encodeHandshake(INFO_HASH, PEER_ID, { fast: true, extension: true, dht: true });
  assert.equal(bytes.length, HANDSHAKE_LENGTH);
  assert.equal(Buffer.from(bytes.subarray(0, 20)).toString('latin1'), '\x13BitTorrent protocol');
  assert.deepEqual([...bytes.subarray(20, 28)], [0, 0, 0, 0, 0, 0x10, 0, 0x05]);
  assert.deepEqual(bytes.slice(28, 48), INFO_HASH);
  assert.deepEqual(bytes.slice(48), PEER_ID);
});

test('each feature has its own reserved bit', () => {
  const reservedOf = (features: Partial<typeof NOTHING>): number[] => [
    ...encodeHandshake(INFO_HASH, PEER_ID, { ...NOTHING, ...features }).subarray(20, 28),
  ];
  assert.deepEqual(reservedOf({}), [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(reservedOf({ fast: true }), [0, 0, 0, 0, 0, 0, 0, 4]);
  assert.deepEqual(reservedOf({ extension: true }), [0, 0, 0, 0, 0, 0x10, 0, 0]);
  assert.deepEqual(reservedOf({ dht: true }), [0, 0, 0, 0, 0, 0, 0, 1]);
});

test('unknown reserved bits are ignored', () => {
  assert.deepEqual(featuresOf(new Uint8Array(8).fill(0xff)), { fast: true, extension: true, dht: true });
  assert.deepEqual(featuresOf(Uint8Array.of(255, 255, 255, 255, 255, 0xef, 255, 0xfa)), NOTHING);
});

test('a handshake is decoded however it is split, and what follows is left alone', () => {
  const features = { fast: true, extension: false, dht: true };
  const stream = Buffer.concat([encodeHandshake(INFO_HASH, PEER_ID, features), Buffer.from('next')]);
  for (let split = 0; split <= stream.length; split++) {
    const decoder = new HandshakeDecoder();
    const taken = decoder.feed(stream, 0, split) + decoder.feed(stream, split, stream.length);
    assert.ok(decoder.isComplete);
    assert.equal(decoder.violation, VIOLATION_NONE);
    assert.equal(taken, HANDSHAKE_LENGTH, `split at ${split}`);
    assert.deepEqual(decoder.infoHash, INFO_HASH);
    assert.deepEqual(decoder.peerId, PEER_ID);
    assert.deepEqual(decoder.features, features);
  }
});

test('the info hash is known after 48 bytes, the whole after 68', () => {
  const bytes = encodeHandshake(INFO_HASH, PEER_ID, NOTHING);
  const decoder = new HandshakeDecoder();
  for (let at = 0; at < bytes.length; at++) {
    assert.equal(decoder.hasInfoHash, at >= 48);
    assert.equal(decoder.isComplete, false);
    assert.equal(decoder.length, at);
    decoder.feed(bytes, at, at + 1);
  }
  assert.ok(decoder.isComplete);
});

test('a wrong protocol name is noticed at its first wrong byte', () => {
  for (let wrong = 0; wrong < 20; wrong++) {
    const bytes = encodeHandshake(INFO_HASH, PEER_ID, NOTHING);
    bytes[wrong]! ^= 1;
    const decoder = new HandshakeDecoder();
    assert.equal(decoder.feed(bytes, 0, wrong), wrong);
    assert.equal(decoder.violation, VIOLATION_NONE);
    assert.equal(decoder.feed(bytes, wrong, wrong + 1), 0);
    assert.equal(decoder.violation, VIOLATION_NOT_BITTORRENT);
    assert.equal(decoder.feed(bytes, wrong + 1, bytes.length), 0, 'nothing is taken afterwards');
    assert.equal(decoder.isComplete, false);
  }
});

test('what the decoder gives out is a copy', () => {
  const decoder = new HandshakeDecoder();
  decoder.feed(encodeHandshake(INFO_HASH, PEER_ID, NOTHING), 0, HANDSHAKE_LENGTH);
  decoder.infoHash.fill(0);
  decoder.peerId.fill(0);
  assert.deepEqual(decoder.infoHash, INFO_HASH);
  assert.deepEqual(decoder.peerId, PEER_ID);
});
