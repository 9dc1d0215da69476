import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { TEST_CRYPTO } from '../../../test/fixtures/metainfo/build-torrent.ts';
import { InputError } from '../../base/input-error.ts';
import { SeededRandom } from '../../base/random.ts';
import { toHex } from '../../base/text.ts';
import { fuzz } from './magnet.fuzz.ts';
import { formatMagnet, isMagnet, MAX_MAGNET_LENGTH, magnetOf, parseMagnet } from './magnet.ts';
import { parseMetainfo } from './parse-metainfo.ts';

const V1 = '0123456789abcdef0123456789abcdef01234567';
const V2 = `${V1}${V1.slice(0, 24)}`;
const TOPIC = `magnet:?xt=urn:btih:${V1}`;

/** The sentence of the `InputError` that `text` gives. */
function refusal(text: string): string {
  try {
    parseMagnet(text);
  } catch (error) {
    assert.ok(error instanceof InputError && error.code === 'bad-magnet', String(error));
    return error.message;
  }
  return 'accepted';
}

describe('parseMagnet', () => {
  it('reads every parameter', () => {
    const link = parseMagnet(
      `${TOPIC}&xt=urn:btmh:1220${V2}&dn=A+name%20%C3%A9&tr=http%3A%2F%2Fa.example%2Fx%3Fk%3Da%2Bb&tr=udp://b.example:80` +
        '&ws=https%3A%2F%2Fs.example%2F&x.pe=1.2.3.4:5&x.pe=[2001:DB8::1]:6&x.pe=host.example:7&so=0,2,4-6&foo=bar',
    );
    assert.deepEqual(link, {
      infoHashV1: Uint8Array.from(Buffer.from(V1, 'hex')),
      infoHashV2: Uint8Array.from(Buffer.from(V2, 'hex')),
      name: 'A name é',
      trackers: ['http://a.example/x?k=a+b', 'udp://b.example:80'],
      webSeeds: ['https://s.example/'],
      peers: [
        { host: '1.2.3.4', port: 5 },
        { host: '2001:db8::1', port: 6 },
        { host: 'host.example', port: 7 },
      ],
      selectedFiles: [
        { first: 0, last: 0 },
        { first: 2, last: 2 },
        { first: 4, last: 6 },
      ],
    });
  });

  it('has nulls and empty lists for what is absent', () => {
    assert.deepEqual(parseMagnet(`magnet:?xt=urn:btmh:1220${V2}`), {
      infoHashV1: null,
      infoHashV2: Uint8Array.from(Buffer.from(V2, 'hex')),
      name: null,
      trackers: [],
      webSeeds: [],
      peers: [],
      selectedFiles: null,
    });
  });

  it('reads base32, any case, and links that were quoted or numbered', () => {
    const hash = (text: string): string => toHex(parseMagnet(text).infoHashV1!);
    assert.equal(hash('magnet:?xt=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH'), V1);
    assert.equal(hash('magnet:?xt=urn:btih:aerukz4jvpg66ajdivtytk6n54asgrlh'), V1);
    assert.equal(hash(` MAGNET:?XT=URN:BTIH:${V1.toUpperCase()}\n`), V1);
    assert.equal(hash(`magnet:?xt.1=urn:tree:tiger:x&xt.2=urn:btih:${V1}`), V1);
    assert.equal(hash(`magnet:?dn=x&amp;xt=urn%3Abtih%3A${V1}`), V1);
  });

  it('refuses a link without a good info hash', () => {
    const cases: [string, RegExp][] = [
      ['http://x/', /does not start with "magnet:\?"/],
      ['magnet:', /does not start/],
      ['magnet:?', /has no info hash/],
      ['magnet:?dn=x&xt=urn:sha1:x', /has no info hash/],
      [`${TOPIC}0`, /btih\) that is not 40/],
      [`magnet:?xt=urn:btih:${'g'.repeat(40)}`, /btih\) that is not 40/],
      [`magnet:?xt=urn:btih:${'1'.repeat(32)}`, /btih\) that is not 40/],
      [`magnet:?xt=urn:btmh:1114${V1}`, /btmh\) that is not "1220"/],
      [`magnet:?xt=urn:btmh:1220${V1}`, /btmh\) that is not "1220"/],
      [`${TOPIC}&xt=urn:btih:${V1.replace('0', '1')}`, /two different info hashes/],
      [`${TOPIC}&dn=${'x'.repeat(MAX_MAGNET_LENGTH)}`, /is longer than/],
    ];
    for (const [text, expected] of cases) assert.match(refusal(text), expected);
    assert.equal(refusal(`${TOPIC}&xt=urn:btih:${V1.toUpperCase()}`), 'accepted');
  });

  it('merges the ranges of a selection and bounds them', () => {
    const selected = (so: string): string =>
      parseMagnet(`${TOPIC}&so=${so}`)
        .selectedFiles!.map((range) => `${range.first}-${range.last}`)
        .join(' ');
    assert.equal(selected('5,1-3,2,4,9-12,10'), '1-5 9-12');
    assert.equal(selected('0-399999'), '0-399999');
    assert.equal(selected('3&so=1'), '1-1 3-3');
    for (const so of ['', 'x', '1-', '-1', '1,,2', '1-2-3', '0x1', '1e3', ' 1']) {
      assert.match(refusal(`${TOPIC}&so=${so}`), /not numbers and ranges/, so);
    }
    assert.match(refusal(`${TOPIC}&so=5-2`), /from 5 back to 2/);
    assert.match(refusal(`${TOPIC}&so=0-999999999`), /selects file 999999999/);
    assert.match(refusal(`${TOPIC}&so=0-99999999999`), /not numbers and ranges/);
  });

  it('leaves out sources that are of no use, and stops at a limit', () => {
    const link = parseMagnet(
      `${TOPIC}&tr=wss%3A%2F%2Fa&tr=x&tr=&ws=ftp://a/&x.pe=a&x.pe=:5&x.pe=1.2.3.4:0&x.pe=[%26so=1]:80&x.pe=a%26b:80`,
    );
    assert.deepEqual([link.trackers, link.webSeeds, link.peers], [[], [], []]);
    const many = Array.from(
      { length: 600 },
      (_, i) => `&tr=http://t${i}.example/&x.pe=10.0.${i >> 8}.${i & 255}:1`,
    );
    const full = parseMagnet(TOPIC + many.join(''));
    assert.deepEqual([full.trackers.length, full.peers.length], [500, 500]);
  });
});

describe('formatMagnet', () => {
  it('writes what it reads in one canonical form', () => {
    const canonical =
      `${TOPIC}&xt=urn:btmh:1220${V2}&dn=A%20%C3%A9&tr=http%3A%2F%2Fa.example%2F&ws=http%3A%2F%2Fs.example%2F` +
      '&x.pe=[::1]:6&so=0,4-6';
    assert.equal(formatMagnet(parseMagnet(canonical)), canonical);
    const messy = `magnet:?so=4-6,0&x.pe=%5B0:0::1%5D:6&ws=http://s.example/&tr=http://a.example/&dn=A+é&xt=urn:btmh:1220${V2}&xt=urn:btih:${V1}`;
    assert.equal(formatMagnet(parseMagnet(messy)), canonical);
  });

  it('links to a torrent as libtorrent does', () => {
    const folder = new URL('../../../test/fixtures/metainfo/', import.meta.url);
    const described = JSON.parse(readFileSync(new URL('libtorrent.json', folder), 'utf8'));
    for (const name of Object.keys(described)) {
      const ours = magnetOf(parseMetainfo(readFileSync(new URL(`${name}.torrent`, folder)), TEST_CRYPTO));
      const theirs = parseMagnet(described[name].magnet);
      // libtorrent orders trackers of a tier at random.
      assert.deepEqual([...ours.trackers].sort(), [...theirs.trackers].sort());
      assert.deepEqual({ ...ours, trackers: [] }, { ...theirs, trackers: [] });
    }
  });
});

describe('isMagnet', () => {
  it('knows a link by its scheme', () => {
    assert.deepEqual(['magnet:?xt=x', ' Magnet:?', 'magnet.torrent', './magnet:x'].map(isMagnet), [
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('magnet links under fuzzing', () => {
  it('throw nothing but InputError', () => fuzz(new SeededRandom(4), 3000));
});
