import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnnounceParameters } from './announce.ts';
import { decodeUdpAnswer, encodeAnnounce, encodeConnect, transactionIdOf } from './udp-packet.ts';

const PARAMETERS: AnnounceParameters = {
  infoHash: new Uint8Array(20).fill(0xaa),
  peerId: new Uint8Array(20).fill(0xbb),
  port: 0x1ae1,
  key: 0xfedcba98,
  counters: { uploaded: 3, downloaded: 2 ** 33 + 5, left: 2 ** 52 + 1 },
  event: 'started',
  numWant: 200,
  trackerId: null,
};

test('a connect request has the magic number, the action and the transaction', () => {
  assert.equal(hex(encodeConnect(0xdeadbeef)), '0000041727101980' + '00000000' + 'deadbeef');
});

test('an announce request has every field in its place', () => {
  const id = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const fields = [
    '0102030405060708',
    '00000001',
    '80000001',
    'aa'.repeat(20),
    'bb'.repeat(20),
    '0000000200000005', // downloaded
    '0010000000000001', // left
    '0000000000000003', // uploaded
    '00000002', // started
    '00000000',
    'fedcba98',
    '000000c8',
    '1ae1',
  ];
  assert.equal(hex(encodeAnnounce(id, 0x80000001, PARAMETERS, new Uint8Array(0))), fields.join(''));
});

test('each event has its number', () => {
  const numbers = (['none', 'completed', 'started', 'stopped'] as const).map(
    (event) => encodeAnnounce(new Uint8Array(8), 1, { ...PARAMETERS, event }, new Uint8Array(0))[83],
  );
  assert.deepEqual(numbers, [0, 1, 2, 3]);
});

test('path and query follow as options of at most 255 bytes (BEP 41)', () => {
  const short = encodeAnnounce(new Uint8Array(8), 1, PARAMETERS, Buffer.from('/a?k=1'));
  assert.equal(hex(short.subarray(98)), `0206${Buffer.from('/a?k=1').toString('hex')}`);
  const long = encodeAnnounce(new Uint8Array(8), 1, PARAMETERS, Buffer.alloc(300, 'x'));
  assert.equal(long.length, 98 + 2 + 255 + 2 + 45);
  assert.equal(long[98 + 2 + 255], 2);
  assert.equal(long[98 + 2 + 255 + 1], 45);
  assert.equal(encodeAnnounce(new Uint8Array(8), 1, PARAMETERS, new Uint8Array(5000)).length, 98);
});

test('answers are read, longer ones too', () => {
  const connect = bytes('00000000 00000007 0102030405060708 ffff');
  assert.equal(transactionIdOf(connect), 7);
  assert.deepEqual(decodeUdpAnswer(connect, 4), {
    kind: 'connect',
    connectionId: bytes('0102030405060708'),
  });
  const v4 = decodeUdpAnswer(
    bytes('00000001 00000007 00000708 00000004 00000003 c0000201 1ae1 c0000202 0000 c000'),
    4,
  );
  assert.equal(v4.kind, 'announce');
  if (v4.kind !== 'announce') return;
  assert.deepEqual([v4.intervalSeconds, v4.leeches, v4.seeds], [1800, 4, 3]);
  assert.deepEqual(v4.peers.peers, [{ address: '192.0.2.1', port: 6881 }]);
});

test('peers over IPv6 have 18 bytes', () => {
  const head = '00000001 00000007 00000708 00000000 00000001 ';
  const v6 = decodeUdpAnswer(bytes(`${head}20010db8000000000000000000000009 0050`), 16);
  assert.deepEqual(v6.kind === 'announce' && v6.peers.peers, [{ address: '2001:db8::9', port: 80 }]);
});

test('an error has its text, and a packet that is too short or unknown is malformed', () => {
  assert.deepEqual(decodeUdpAnswer(bytes('00000003 00000007 6e6f21'), 4), { kind: 'error', reason: 'no!' });
  for (const text of [
    '',
    '00000001 000000',
    '00000000 00000007 01',
    '00000001 00000007 00000708',
    '00000009 00000007',
  ]) {
    assert.equal(decodeUdpAnswer(bytes(text), 4).kind, 'malformed', text);
  }
  assert.equal(transactionIdOf(bytes('00000000 0000')), -1);
});

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}
