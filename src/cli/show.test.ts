import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dictionary, TEST_CRYPTO, v1File, v1Torrent } from '../../test/fixtures/metainfo/build-torrent.ts';
import { parseMagnet } from '../protocol/metainfo/magnet.ts';
import { parseMetainfo } from '../protocol/metainfo/parse-metainfo.ts';
import { fileNumbers, renderShow, showJson } from './show.ts';

const KEYS = [
  'name',
  'infoHashV1',
  'infoHashV2',
  'magnet',
  'pieceLength',
  'pieceCount',
  'totalLength',
  'files',
  'trackers',
  'webSeeds',
  'nodes',
  'peers',
  'private',
  'comment',
  'createdBy',
  'createdAt',
];
const MAGNET = 'magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567';

const folder = new URL('../../test/fixtures/metainfo/', import.meta.url);
const hybrid = parseMetainfo(readFileSync(new URL('hybrid-tree.torrent', folder)), TEST_CRYPTO);
const single = parseMetainfo(readFileSync(new URL('v2-small.torrent', folder)), TEST_CRYPTO);

describe('showJson', () => {
  it('has exactly the promised keys, for a torrent and for a magnet link', () => {
    assert.deepEqual(Object.keys(showJson(hybrid)), KEYS);
    assert.deepEqual(Object.keys(showJson(parseMagnet(MAGNET))), KEYS);
    for (const file of showJson(hybrid).files) {
      assert.deepEqual(Object.keys(file), ['path', 'length', 'piecesRoot', 'attributes']);
    }
  });

  it('describes a torrent', () => {
    const { files, magnet, ...rest } = showJson(hybrid);
    assert.deepEqual(rest, {
      name: 'tree',
      infoHashV1: '8ce0f5936d166cdb88fa25a9bd8f28530c3f3e82',
      infoHashV2: '18a15022e780198bcc2701517be8b469c7f28f8e8eb82ccf940db311c9ad132d',
      pieceLength: 16384,
      pieceCount: 11,
      totalLength: 117_429,
      trackers: [
        ['http://tracker.example/announce', 'udp://tracker.example:6969'],
        ['https://other.example/a'],
      ],
      webSeeds: ['http://seed.example/files/'],
      nodes: ['router.example:6881', '[2001:db8::1]:6882'],
      peers: [],
      private: true,
      comment: 'a comment',
      createdBy: 'fixture maker',
      createdAt: '2023-11-14T22:13:20.000Z',
    });
    assert.equal(
      magnet,
      'magnet:?xt=urn:btih:8ce0f5936d166cdb88fa25a9bd8f28530c3f3e82' +
        '&xt=urn:btmh:122018a15022e780198bcc2701517be8b469c7f28f8e8eb82ccf940db311c9ad132d&dn=tree' +
        '&tr=http%3A%2F%2Ftracker.example%2Fannounce&tr=udp%3A%2F%2Ftracker.example%3A6969' +
        '&tr=https%3A%2F%2Fother.example%2Fa&ws=http%3A%2F%2Fseed.example%2Ffiles%2F',
    );
    assert.deepEqual(files.slice(1, 3), [
      { path: '.pad/15384', length: 15_384, piecesRoot: null, attributes: ['padding'] },
      {
        path: 'album/one.bin',
        length: 100_000,
        piecesRoot: 'e9c1e5f42f942b52cdda1d5a6b7ddfdb6874691ab6f68712f05e1a7deff82040',
        attributes: [],
      },
    ]);
    assert.deepEqual(files.find((file) => file.path === 'link.bin')?.attributes, ['symlink', 'executable']);
  });

  it('calls a single file by its name', () => {
    assert.deepEqual(
      showJson(single).files.map((file) => file.path),
      ['small.bin'],
    );
    assert.equal(showJson(single).infoHashV1, null);
  });

  it('describes a magnet link', () => {
    const link = `${MAGNET}&dn=x&tr=udp%3A%2F%2Ft.example%3A1&x.pe=[::1]:2&x.pe=1.2.3.4:5`;
    const json = showJson(parseMagnet(link));
    assert.equal(json.magnet, link);
    assert.deepEqual(
      [json.name, json.trackers, json.peers],
      ['x', [['udp://t.example:1']], ['[::1]:2', '1.2.3.4:5']],
    );
    assert.deepEqual(
      [json.pieceLength, json.pieceCount, json.totalLength, json.files, json.private, json.createdAt],
      [null, null, null, [], null, null],
    );
  });

  it('has no time for one that no calendar has', () => {
    const created = (seconds: number): string | null =>
      showJson(parseMetainfo(v1Torrent(1, {}, { 'creation date': seconds }), TEST_CRYPTO)).createdAt;
    assert.equal(created(0), '1970-01-01T00:00:00.000Z');
    assert.equal(created(Number.MAX_SAFE_INTEGER), null);
  });
});

describe('fileNumbers', () => {
  it('counts files from 1 in torrent order and leaves padding out', () => {
    assert.deepEqual(fileNumbers(hybrid), [1, null, 2, null, 3, null, 4, 5, 6, 7, null]);
  });
});

describe('renderShow', () => {
  it('prints a numbered tree', () => {
    const text = renderShow(hybrid);
    assert.equal(
      text.slice(text.indexOf('Files')),
      [
        'Files (7):',
        '     tree/',
        '  1    .hidden  (1.00 kB)',
        '       album/',
        '  2      one.bin  (100 kB)',
        '  3      three.bin  (5 B)',
        '  4      two.bin  (16.4 kB)',
        '  5    empty.txt  (0 B)',
        '  6    link.bin  -> tree/album/one.bin',
        '  7    run.sh  (40 B, executable)',
        '',
      ].join('\n'),
    );
    assert.match(text, /^Name: +tree\n/);
    assert.match(text, /^Pieces: +11 of 16 KiB$/m);
  });

  it('keeps the numbers of torrent order when folders take turns', () => {
    const torrent = v1Torrent([v1File('a/1', 1), v1File('b/2', 1), v1File('a/3', 1)]);
    const text = renderShow(parseMetainfo(torrent, TEST_CRYPTO));
    assert.deepEqual(
      text
        .slice(text.indexOf('Files'))
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/ +\(.*/, '')),
      ['     top/', '       a/', '  1      1', '  3      3', '       b/', '  2      2'],
    );
  });

  it('lets no torrent command the terminal', () => {
    const torrent = v1Torrent(
      [dictionary({ length: 1, path: ['\x1b[2J'] })],
      {},
      { comment: 'a\x1b]0;x\x07\nb' },
    );
    const text = renderShow(parseMetainfo(torrent, TEST_CRYPTO));
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
    assert.match(text, /^Comment: .*b$/m);
  });

  it('shows what a magnet link selects, and no files', () => {
    const text = renderShow(parseMagnet(`${MAGNET}&so=0,4-6`));
    assert.match(text, /^Selects: +files 0, 4-6 \(counted from 0\)$/m);
    assert.doesNotMatch(text, /Files/);
  });
});
