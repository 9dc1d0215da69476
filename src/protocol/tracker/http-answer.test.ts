import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AnnounceAnswer,
  MAX_MESSAGE_LENGTH,
  MAX_PEERS_PER_ANSWER,
  type TrackerRefusal,
} from './announce.ts';
import { MAX_ANSWER_BYTES, parseHttpAnswer } from './http-answer.ts';

test('compact peers of both families are read (BEP 23, BEP 7)', () => {
  const peers = bytes(192, 0, 2, 1, 0x1a, 0xe1, 192, 0, 2, 2, 0, 80);
  const peers6 = bytes(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1);
  const answer = read(`d8:intervali1800e5:peers${string(peers)}6:peers6${string(peers6)}e`);
  assert.deepEqual(answer.peers, [
    { address: '192.0.2.1', port: 6881 },
    { address: '192.0.2.2', port: 80 },
    { address: '2001:db8::9', port: 1 },
  ]);
  assert.equal(answer.intervalSeconds, 1800);
});

test('peers as dictionaries are read, and host names are left out (BEP 3)', () => {
  const peer = (ip: string, port: string): string =>
    `d2:ip${ip.length}:${ip}7:peer id20:${'x'.repeat(20)}4:port${port}e`;
  const all = [
    peer('192.0.2.1', 'i6881e'),
    peer('2001:DB8::1', 'i1e'),
    peer('peer.example', 'i6881e'),
    peer('192.0.2.3', '4:6882'),
    peer('192.0.2.4', 'i0e'),
    peer('192.0.2.4', 'i65536e'),
    peer('192.0.2.4', 'i-1e'),
    peer('0.0.0.0', 'i1e'),
    peer('192.0.2.1', 'i6881e'),
    'de',
    'i1e',
    'd2:ipi1e4:port1:ae',
  ];
  assert.deepEqual(read(`d5:peersl${all.join('')}ee`).peers, [
    { address: '192.0.2.1', port: 6881 },
    { address: '2001:db8::1', port: 1 },
    { address: '192.0.2.3', port: 6882 },
  ]);
});

test('a compact list that is cut off, unusable or repeated gives what is good in it', () => {
  const peers = bytes(
    192,
    0,
    2,
    1,
    0,
    1,
    192,
    0,
    2,
    1,
    0,
    1,
    192,
    0,
    2,
    2,
    0,
    0,
    224,
    0,
    0,
    1,
    0,
    1,
    192,
    0,
    2,
  );
  assert.deepEqual(read(`d5:peers${string(peers)}e`).peers, [{ address: '192.0.2.1', port: 1 }]);
});

test('no more peers are kept than the limit', () => {
  const all = Array.from({ length: MAX_PEERS_PER_ANSWER + 500 }, (_, i) => [
    10,
    0,
    i >> 8,
    i & 255,
    0,
    1,
  ]).flat();
  assert.equal(read(`d5:peers${string(bytes(...all))}e`).peers.length, MAX_PEERS_PER_ANSWER);
});

test('counts, intervals, ids, warning and our own address are read', () => {
  const answer = read(
    'd8:completei3e11:external ip4:\xc0\x00\x02\x0910:incompletei4e8:intervali1800e12:min intervali900e' +
      '5:peers0:10:tracker id3:a\x00b15:warning message7:careful',
    'e',
  );
  assert.deepEqual(answer, {
    peers: [],
    intervalSeconds: 1800,
    minIntervalSeconds: 900,
    seeds: 3,
    leeches: 4,
    warning: 'careful',
    trackerId: bytes(0x61, 0, 0x62),
    externalAddress: '192.0.2.9',
  });
});

test('numbers that lie are treated as absent, and decimal text counts as a number', () => {
  const lies = read(
    'd8:completei-1e10:incompletei99999999999999999999e8:intervali-5e12:min intervali0e5:peers0:e',
  );
  assert.equal(lies.seeds, null);
  assert.equal(lies.leeches, null);
  assert.equal(lies.intervalSeconds, null);
  assert.equal(lies.minIntervalSeconds, null);
  assert.equal(read('d8:interval4:1800e').intervalSeconds, 1800);
  assert.equal(read('d8:interval4:-180e').intervalSeconds, null);
  assert.equal(read('d8:intervali1800e5:peersi7e6:peers6lee').intervalSeconds, 1800);
});

test('our own address may be 16 bytes or text, and anything else is ignored (BEP 24)', () => {
  const external = (value: string): string | null =>
    read(`d11:external ip${value}8:intervali1ee`).externalAddress;
  assert.equal(external(`16:${'\x20\x01\x0d\xb8'}${'\x00'.repeat(11)}\x01`), '2001:db8::1');
  assert.equal(external('9:192.0.2.9'), '192.0.2.9');
  assert.equal(external('5:hello'), null);
  assert.equal(external('i7e'), null);
});

test('a failure reason is a refusal whatever else is there, with the time to come back (BEP 31)', () => {
  assert.deepEqual(refuse('d14:failure reason12:unregistered5:peers0:e'), {
    reason: 'unregistered',
    retryInSeconds: null,
  });
  assert.equal(refuse('d14:failure reason2:no8:retry ini5ee').retryInSeconds, 300);
  assert.equal(refuse('d14:failure reason2:no8:retry in1:5e').retryInSeconds, 300);
  assert.equal(refuse('d14:failure reason2:no8:retry in5:nevere').retryInSeconds, Number.POSITIVE_INFINITY);
  assert.equal(refuse('d14:failure reason2:no8:retry ini-5ee').retryInSeconds, null);
  assert.equal(refuse('d14:failure reason0:e').reason, 'no reason given');
});

test('text for people is one printable line of limited length', () => {
  const hostile = '\x1b[2Jgone\r\nnext\x07\xe2\x80\xae.'; // clears the screen, rings, turns the writing around
  assert.equal(refuse(`d14:failure reason${hostile.length}:${hostile}e`).reason, '[2Jgone next .');
  const long = 'x'.repeat(5000);
  assert.equal(refuse(`d14:failure reason5000:${long}e`).reason.length, MAX_MESSAGE_LENGTH);
  assert.equal(refuse('d14:failure reason3:a\xffbe').reason, 'a\ufffdb');
});

test('bytes behind the dictionary are ignored', () => {
  assert.equal(read('d8:intervali1ee\r\n').intervalSeconds, 1);
});

test('what is no answer is malformed, and says why', () => {
  const cases: [string, RegExp][] = [
    ['', /empty/],
    ['<html>404</html>', /web page/],
    [' \n<!DOCTYPE html>', /web page/],
    ['hello', /not bencoded/],
    ['d8:interval', /not bencoded/],
    ['le', /no dictionary/],
    ['i1e', /no dictionary/],
    ['de', /no peers/],
    ['d8:completei1ee', /no peers/],
    [`${'l'.repeat(1000)}${'e'.repeat(1000)}`, /not bencoded/],
    [`d5:peersl${'i0e'.repeat(100_000)}ee`, /not bencoded/],
    [`d5:peers${MAX_ANSWER_BYTES}:${'x'.repeat(MAX_ANSWER_BYTES)}e`, /not bencoded/],
  ];
  for (const [body, reason] of cases) {
    const result = parseHttpAnswer(latin1(body));
    assert.equal(result.kind, 'malformed', body.slice(0, 40));
    assert.match(result.kind === 'malformed' ? result.reason : '', reason);
  }
});

test('a tracker id that would bloat every URL is not handed back', () => {
  assert.equal(read(`d8:intervali1e10:tracker id600:${'x'.repeat(600)}e`).trackerId, null);
});

function read(...parts: string[]): AnnounceAnswer {
  const result = parseHttpAnswer(latin1(parts.join('')));
  assert.equal(result.kind, 'answer', JSON.stringify(result));
  return (result as { answer: AnnounceAnswer }).answer;
}

function refuse(text: string): TrackerRefusal {
  const result = parseHttpAnswer(latin1(text));
  assert.equal(result.kind, 'refusal', JSON.stringify(result));
  return (result as { refusal: TrackerRefusal }).refusal;
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function string(content: Uint8Array): string {
  return `${content.length}:${String.fromCharCode(...content)}`;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}
