import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  dictionary,
  parse,
  refusal,
  TEST_CRYPTO,
  v1File,
  v1Torrent,
} from '../../../test/fixtures/metainfo/build-torrent.ts';
import { SeededRandom } from '../../base/random.ts';
import { toHex } from '../../base/text.ts';
import { writeBencode } from '../bencode/write-bencode.ts';
import { fuzz } from './metainfo.fuzz.ts';
import type { Metainfo } from './metainfo.ts';

const FIXTURES = new URL('../../../test/fixtures/metainfo/', import.meta.url);
const WEBTORRENT = new URL('../../../node_modules/webtorrent-fixtures/fixtures/', import.meta.url);

interface Described {
  readonly name: string;
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly files: readonly {
    readonly path: string;
    readonly length: number;
    readonly offset: number;
    readonly flags: number;
    readonly root: string;
    readonly symlink: string;
  }[];
}

function fixture(name: string): Metainfo {
  return parse(readFileSync(new URL(`${name}.torrent`, FIXTURES)));
}

function paths(bytes: Uint8Array): string[] {
  return parse(bytes).files.map((file) => file.path);
}

function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toHex(bytes);
}

describe('parseMetainfo on torrents of libtorrent', () => {
  const described = JSON.parse(readFileSync(new URL('libtorrent.json', FIXTURES), 'utf8')) as {
    [name: string]: Described;
  };

  for (const [name, expected] of Object.entries(described)) {
    it(`reads ${name} as libtorrent does`, () => {
      const metainfo = fixture(name);
      assert.equal(hexOrNull(metainfo.infoHashV1), expected.infoHashV1);
      assert.equal(hexOrNull(metainfo.infoHashV2), expected.infoHashV2);
      assert.equal(metainfo.name, expected.name);
      assert.equal(metainfo.pieceLength, expected.pieceLength);
      assert.equal(metainfo.pieceCount, expected.pieceCount);
      assert.equal(metainfo.pieceHashes.length, metainfo.infoHashV1 === null ? 0 : 20 * expected.pieceCount);
      // libtorrent shows the gaps of v2 as padding; here they are no files.
      const theirs = expected.files.filter((file) => expected.infoHashV1 !== null || (file.flags & 1) === 0);
      const root = (hex: string): string | null => (/^0+$/.test(hex) ? null : hex);
      assert.deepEqual(
        metainfo.files,
        theirs.map((file, i) => ({
          path: file.path,
          length: file.length,
          offset: file.offset,
          isPadding: (file.flags & 1) !== 0,
          isHidden: (file.flags & 2) !== 0,
          isExecutable: (file.flags & 4) !== 0,
          symlinkTarget: (file.flags & 8) !== 0 ? file.symlink : null,
          piecesRoot: root(file.root) === null ? null : metainfo.files[i]!.piecesRoot,
        })),
      );
      assert.deepEqual(
        metainfo.files.map((file) => hexOrNull(file.piecesRoot)),
        theirs.map((file) => root(file.root)),
      );
    });
  }

  it('reads what stands around the info dictionary', () => {
    const metainfo = fixture('hybrid-tree');
    assert.deepEqual(metainfo.trackers, [
      ['http://tracker.example/announce', 'udp://tracker.example:6969'],
      ['https://other.example/a'],
    ]);
    assert.deepEqual(metainfo.webSeeds, ['http://seed.example/files/']);
    assert.deepEqual(metainfo.nodes, [
      { host: 'router.example', port: 6881 },
      { host: '2001:db8::1', port: 6882 },
    ]);
    assert.deepEqual(
      [metainfo.isPrivate, metainfo.comment, metainfo.createdBy, metainfo.createdAt],
      [true, 'a comment', 'fixture maker', 1_700_000_000],
    );
  });

  it('tells lengths with and without padding apart', () => {
    const metainfo = fixture('hybrid-tree');
    assert.equal(metainfo.totalLength, 117_429);
    assert.equal(metainfo.storedLength, 11 * 16384);
    assert.equal(fixture('v2-tree').storedLength, 117_429);
  });

  it('keeps the verified piece layers by root', () => {
    const metainfo = fixture('v2-single');
    const root = hexOrNull(metainfo.files[0]!.piecesRoot)!;
    assert.deepEqual([...metainfo.pieceLayers.keys()], [root]);
    assert.equal(metainfo.pieceLayers.get(root)?.length, 32 * 10);
  });
});

describe('parseMetainfo on torrents of the wild', () => {
  const expected: { [name: string]: [hash: string, pieces: number, files: number, length: number] } = {
    alice: ['722fe65b2aa26d14f35b4ad627d20236e481d924', 10, 1, 163_783],
    bunny: ['af8f10f30bf9aefecf3686922bfa0d5bd290a395', 830, 1, 434_839_491],
    folder: ['b88da2caac6648e6c7d7687e3f89085f7e230e6b', 1, 1, 15],
    leaves: ['d2474e86c95b19b8bcfdb92bc12c9d44667cfa36', 23, 1, 362_017],
    'leaves-metadata': ['d2474e86c95b19b8bcfdb92bc12c9d44667cfa36', 23, 1, 362_017],
    'lots-of-numbers': ['114ead6243792ba56297edbb9a78dfba84d4fc00', 1, 6, 12],
    numbers: ['89d97c2261a21b040cf11caa661a3ba7233bb7e6', 1, 3, 6],
    sintel: ['c334138ef5bfc2d568ea7324e0e2a3a7ec229bdd', 1310, 1, 5_490_455_272],
  };
  it('reads each, and refuses the corrupt one', () => {
    for (const name of readdirSync(WEBTORRENT).filter((file) => file.endsWith('.torrent'))) {
      const bytes = readFileSync(new URL(name, WEBTORRENT));
      const key = name.slice(0, -'.torrent'.length);
      if (key === 'corrupt') assert.equal(refusal(bytes), 'info has no "name" (byte 81)');
      else {
        const metainfo = parse(bytes);
        assert.deepEqual(
          [toHex(metainfo.infoHashV1!), metainfo.pieceCount, metainfo.files.length, metainfo.totalLength],
          expected[key],
          name,
        );
      }
    }
  });
});

describe('parseMetainfo', () => {
  it('hashes the original bytes, not a new encoding of them', () => {
    const info = 'd12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaa4:name1:x6:lengthi1ee';
    const metainfo = parse(new TextEncoder().encode(`d4:info${info}e`));
    assert.deepEqual(metainfo.infoHashV1, TEST_CRYPTO.sha1(new TextEncoder().encode(info)));
    assert.equal(new TextDecoder().decode(metainfo.infoDictionary), info);
  });

  it('keeps nothing of the bytes it was given', () => {
    const bytes = v1Torrent(20_000);
    const metainfo = parse(bytes);
    const hash = toHex(metainfo.infoHashV1!);
    bytes.fill(0);
    assert.equal(toHex(TEST_CRYPTO.sha1(metainfo.infoDictionary)), hash);
    assert.equal(metainfo.pieceHashes.buffer.byteLength, 40);
  });

  it('accepts white space and zeros behind the torrent, and nothing else', () => {
    const bytes = v1Torrent(5);
    const with_ = (tail: string): Uint8Array => Buffer.concat([bytes, Buffer.from(tail)]);
    assert.equal(parse(with_('\r\n\0')).totalLength, 5);
    assert.equal(
      refusal(with_('\nx')),
      `the torrent is damaged: there is more data after the end (byte ${bytes.length + 1})`,
    );
  });

  it('says what is wrong and where', () => {
    const v1 = (info: Parameters<typeof v1Torrent>[1]): string => refusal(v1Torrent(5, info));
    const files = (...list: ReturnType<typeof v1File>[]): string => refusal(v1Torrent(list));
    const most = Number.MAX_SAFE_INTEGER;
    const cases: [actual: string, expected: RegExp][] = [
      [refusal(new Uint8Array(0)), /^the data is not a torrent: .*\(byte 0\)$/],
      [refusal(Buffer.from('<html>')), /^the data is not a torrent/],
      [refusal(v1Torrent(5).subarray(0, 30)), /^the torrent is damaged: .* \(byte \d+\)$/],
      [refusal(Buffer.from('de')), /^the torrent has no "info" \(byte 0\)$/],
      [refusal(Buffer.from('d4:infoi1ee')), /^info is not a dictionary \(byte 7\)$/],
      [v1({ name: undefined }), /^info has no "name"/],
      [v1({ name: 7 }), /^info\.name is not a string/],
      [v1({ pieces: undefined }), /^info has no "pieces"/],
      [v1({ pieces: new Uint8Array(21) }), /^info\.pieces is 21 bytes long/],
      [
        v1({ pieces: new Uint8Array(40) }),
        /^info\.pieces has 2 hashes, but 5 bytes in pieces of 16384 need 1/,
      ],
      [v1({ 'piece length': 0 }), /^info\.piece length is not a whole number from 1 to 536870912/],
      [v1({ 'piece length': 2 ** 29 + 1 }), /^info\.piece length is not/],
      [v1({ 'piece length': '16384' }), /^info\.piece length is not/],
      [v1({ length: -1 }), /^info\.length is not a whole number from 0/],
      [v1({ length: 2n ** 64n }), /^info\.length is not a whole number from 0/],
      [v1({ length: undefined }), /^info has no "length"/],
      [v1({ files: [v1File('a', 5)] }), /^info has both "length" and "files"/],
      [v1({ length: most, 'piece length': 1 }), /^info\.pieces has 1 hashes/],
      [v1({ 'meta version': 3 }), /^info\.meta version is not a version known here/],
      [refusal(v1Torrent([])), /^info\.files is empty/],
      [files(v1File('a', 5), dictionary({ length: 1 })), /^info\.files\[1\] has no "path"/],
      [files(dictionary({ length: 1, path: [] })), /^info\.files\[0\]\.path is empty/],
      [files(dictionary({ length: 1, path: 'a' })), /^info\.files\[0\]\.path is not a list/],
      [files(dictionary({ length: 1, path: ['a', 1] })), /^info\.files\[0\]\.path\[1\] is not a string/],
      [files(v1File(`${'a/'.repeat(99)}a`, 1)), /^info\.files\[0\]\.path has more than 99 parts/],
      [files(v1File('a', 1, { attr: 3 })), /^info\.files\[0\]\.attr is not a string/],
      [files(v1File('a', 1, { attr: 'l' })), /^info\.files\[0\] has no "symlink path"/],
      [
        files(v1File('a', 1, { attr: 'l', 'symlink path': ['b'] })),
        /^info\.files\[0\]\.length is not .* 0 to 0/,
      ],
      [
        refusal(v1Torrent([v1File('a', most), v1File('b', 1)], { pieces: new Uint8Array(20) })),
        /^info\.files\[1\]\.length is not a whole number from 0 to 0/,
      ],
    ];
    for (const [actual, expected] of cases) assert.match(actual, expected);
  });

  it('accepts torrents without any content', () => {
    assert.equal(parse(v1Torrent([v1File('empty', 0)])).pieceCount, 0);
  });

  it('leads no path out of the folder, and makes all distinct', () => {
    const files = ['../../etc/passwd', 'a', 'A', 'a/b', 'nul', 'x\\y', 'x_y'].map((path) => v1File(path, 1));
    assert.deepEqual(paths(v1Torrent(files, { name: '../evil' })), [
      '.._evil/__/__/etc/passwd',
      '.._evil/a',
      '.._evil/A (2)',
      '.._evil/a (3)/b',
      '.._evil/_nul',
      '.._evil/x_y',
      '.._evil/x_y (2)',
    ]);
    assert.equal(parse(v1Torrent(1, { name: '/etc/passwd' })).files[0]!.path, '_etc_passwd');
    assert.equal(parse(v1Torrent(files, { name: '..' })).name, '__');
  });

  it('prefers UTF-8 names where old torrents have them', () => {
    const latin = Uint8Array.of(0x63, 0x61, 0x66, 0xe9);
    const file = dictionary({ length: 1, path: [latin], 'path.utf-8': ['café'] });
    assert.deepEqual(paths(v1Torrent([file], { name: latin, 'name.utf-8': 'café' })), ['café/café']);
    assert.deepEqual(paths(v1Torrent([dictionary({ length: 1, path: [latin] })])), ['top/caf\ufffd']);
  });

  it('reads attributes, and padding without a path', () => {
    const metainfo = parse(
      v1Torrent([
        v1File('a', 10, { attr: 'hxz' }),
        dictionary({ length: 16374, attr: 'p' }),
        v1File('.pad/16374', 1),
        v1File('b', 1, { attr: 'pl' }),
      ]),
    );
    assert.deepEqual(
      metainfo.files.map((file) => [
        file.path,
        file.isPadding,
        file.isHidden,
        file.isExecutable,
        file.offset,
      ]),
      [
        ['top/a', false, true, true, 0],
        ['top/.pad/16374 (2)', true, false, false, 10],
        ['top/.pad/16374', false, false, false, 16384],
        ['top/b', true, false, false, 16385],
      ],
    );
    assert.deepEqual([metainfo.storedLength, metainfo.totalLength], [16386, 11]);
  });

  it('points symlinks at files and folders of the torrent only', () => {
    const link = (path: string, target: string[]): ReturnType<typeof v1File> =>
      dictionary({ path: path.split('/'), attr: 'l', 'symlink path': target });
    const metainfo = parse(
      v1Torrent([
        v1File('dir/a?', 1),
        link('to-file', ['dir', 'a?']),
        link('to-folder', ['dir']),
        link('to-link', ['to-file']),
        link('out', ['..', '..', 'etc', 'passwd']),
        link('absolute', ['', 'etc', 'passwd']),
        link('dots', ['dir', '..', 'dir', 'a?']),
        link('nothing', ['missing']),
        link('circle', ['circle-2']),
        link('circle-2', ['circle']),
        link('self', ['self']),
        link('through', ['to-folder', 'a?']),
      ]),
    );
    assert.deepEqual(
      metainfo.files.map((file) => file.symlinkTarget),
      [null, 'top/dir/a_', 'top/dir', 'top/to-file', null, null, null, null, null, null, null, null],
    );
  });

  it('reads sources leniently', () => {
    const sources = parse(
      v1Torrent(
        1,
        {},
        {
          announce: 'http://ignored.example/',
          'announce-list': [
            [' http://a.example/ ', 'http://a.example/', 'wss://no.example', 7],
            ['not a url', 'udp://no-port.example'],
            'udp://lonely.example:80/announce',
            ['http://a.example/', 'HTTPS://b.example'],
          ],
          'url-list': ['http://seed.example/', 'ftp://no.example', '', 'http://seed.example/'],
          nodes: [['1.2.3.4', 5], ['x', 0], ['bad host', 5], ['h', 70000], 'x', [], ['::1', 6]],
          comment: 7,
          'created by': 'x'.repeat(100_000),
          'creation date': -1,
        },
      ),
    );
    assert.deepEqual(sources.trackers, [
      ['http://a.example/'],
      ['udp://lonely.example:80/announce'],
      ['HTTPS://b.example'],
    ]);
    assert.deepEqual(sources.webSeeds, ['http://seed.example/']);
    assert.deepEqual(sources.nodes, [
      { host: '1.2.3.4', port: 5 },
      { host: '::1', port: 6 },
    ]);
    assert.deepEqual([sources.comment, sources.createdAt, sources.isPrivate], [null, null, false]);
    assert.equal(sources.createdBy?.length, 16 * 1024);
  });

  it('takes one tracker and one web seed as they come', () => {
    const sources = { announce: 'http://a.example/', 'announce-list': [], 'url-list': 'http://s.example/' };
    const metainfo = parse(v1Torrent(1, { private: 1 }, sources));
    assert.deepEqual(metainfo.trackers, [['http://a.example/']]);
    assert.deepEqual(metainfo.webSeeds, ['http://s.example/']);
    assert.equal(metainfo.isPrivate, true);
    assert.deepEqual(parse(v1Torrent(1)).trackers, []);
  });

  it('reads 100,000 files in time proportional to them', () => {
    const files = Array.from({ length: 100_000 }, (_, i) => v1File(`folder ${i % 100}/file ${i}.bin`, 10));
    const bytes = v1Torrent(files);
    const started = performance.now();
    const metainfo = parse(bytes);
    const elapsedMs = performance.now() - started;
    assert.equal(new Set(metainfo.files.map((file) => file.path)).size, 100_000);
    // It takes a second; work that grew with the square would take minutes.
    assert.ok(elapsedMs < 20_000, `${elapsedMs} ms`);
  });
});

describe('metainfo under fuzzing', () => {
  it('throws nothing but InputError', () => {
    const names = ['hybrid-tree', 'v2-tree', 'v1-tree', 'v2-single'];
    const corpus: Uint8Array[] = names.map(
      (name) => new Uint8Array(readFileSync(new URL(`${name}.torrent`, FIXTURES))),
    );
    corpus.push(writeBencode(dictionary({ info: dictionary({}) })));
    fuzz(new SeededRandom(3), 400, corpus);
  });
});
