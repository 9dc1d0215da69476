import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentEncode } from '../../base/percent.ts';
import type { AnnounceParameters } from './announce.ts';
import { announceUrl } from './http-announce-url.ts';

const PARAMETERS: AnnounceParameters = {
  infoHash: Uint8Array.from({ length: 20 }, (_, i) => i * 13),
  peerId: new TextEncoder().encode('-SP0100-~_. /&=?#%ab'),
  port: 6881,
  key: 0xbeef,
  counters: { uploaded: 1, downloaded: 2 ** 40, left: 2 ** 52 },
  event: 'none',
  numWant: 200,
  trackerId: null,
};

test('all parameters are there, and binary ones survive decoding byte for byte', () => {
  const url = new URL(announceUrl('http://t.example/announce', PARAMETERS));
  const query = new Map(
    url.search
      .slice(1)
      .split('&')
      .map((pair) => pair.split('=') as [string, string]),
  );
  assert.deepEqual(
    [...query.keys()],
    [
      'info_hash',
      'peer_id',
      'port',
      'uploaded',
      'downloaded',
      'left',
      'compact',
      'no_peer_id',
      'numwant',
      'key',
    ],
  );
  assert.deepEqual(decode(query.get('info_hash')!), [...PARAMETERS.infoHash]);
  assert.deepEqual(decode(query.get('peer_id')!), [...PARAMETERS.peerId]);
  assert.equal(query.get('port'), '6881');
  assert.equal(query.get('uploaded'), '1');
  assert.equal(query.get('downloaded'), '1099511627776');
  assert.equal(query.get('left'), '4503599627370496');
  assert.equal(query.get('numwant'), '200');
  assert.equal(query.get('key'), '0000BEEF');
});

test('event and tracker id appear only when there is one', () => {
  const trackerId = Uint8Array.from([0, 0x41, 0xff]);
  const url = announceUrl('http://t.example/a', { ...PARAMETERS, event: 'stopped', trackerId });
  assert.match(url, /&event=stopped&trackerid=%00A%FF$/);
  assert.doesNotMatch(announceUrl('http://t.example/a', PARAMETERS), /event|trackerid/);
});

test('a query that the URL has already, with its passkey, stays in front', () => {
  assert.match(announceUrl('http://t/a?passkey=abc', PARAMETERS), /^http:\/\/t\/a\?passkey=abc&info_hash=/);
  assert.match(announceUrl('http://t/a?', PARAMETERS), /^http:\/\/t\/a\?info_hash=/);
  assert.match(announceUrl('http://t/a?x=1&', PARAMETERS), /^http:\/\/t\/a\?x=1&info_hash=/);
  assert.match(announceUrl('http://t/a#top', PARAMETERS), /^http:\/\/t\/a\?info_hash=/);
});

test('every byte value is encoded so that it survives', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const text = percentEncode(all);
  assert.match(text, /^[A-Za-z0-9\-._~%]+$/);
  assert.deepEqual(decode(text), [...all]);
});

function decode(text: string): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i += text[i] === '%' ? 3 : 1) {
    bytes.push(text[i] === '%' ? Number.parseInt(text.slice(i + 1, i + 3), 16) : text.charCodeAt(i));
  }
  return bytes;
}
