import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHex } from '../../base/text.ts';
import { NodeCrypto } from '../../node/crypto.ts';
import { type CreateFile, compareFiles, layOut, type TorrentFormat } from './create-files.ts';
import { createMetainfo, type MetainfoParts } from './create-metainfo.ts';
import { FileLayout } from './file-layout.ts';
import type { Metainfo } from './metainfo.ts';
import { parseMetainfo } from './parse-metainfo.ts';

const PIECE = 16_384;
const crypto = new NodeCrypto();

function file(path: string, length: number, letters = ''): CreateFile {
  return {
    parts: path.split('/'),
    length,
    isExecutable: letters.includes('x'),
    isHidden: letters.includes('h'),
  };
}

/** The torrent of these files, with hashes that name their pieces and roots that are those of their layers. */
function made(
  files: readonly CreateFile[],
  format: TorrentFormat,
  more: Partial<Omit<MetainfoParts, 'info'>> & { isPrivate?: boolean; source?: string; name?: string } = {},
): { bytes: Uint8Array; metainfo: Metainfo } {
  const entries = layOut(files, PIECE, format);
  const { pieceCount } = new FileLayout(
    entries.map(({ length }) => length),
    PIECE,
  );
  const { isPrivate = false, source = null, name = 'top', ...rest } = more;
  const bytes = createMetainfo(
    {
      info: {
        format,
        name,
        isSingleFile: files.length === 1 && files[0]!.parts[0] === name,
        pieceLength: PIECE,
        files,
        entries,
        pieceHashes: new Uint8Array(20 * pieceCount).map((_, i) => i / 20),
        isPrivate,
        source,
      },
      pieceRoots: new Uint8Array(32 * pieceCount).map((_, i) => i / 32),
      trackers: [],
      webSeeds: [],
      comment: null,
      createdBy: null,
      createdAt: null,
      ...rest,
    },
    crypto,
  );
  return { bytes, metainfo: parseMetainfo(bytes, crypto) };
}

const TREE = [file('a/b', 5, 'x'), file('a/c', 40_000), file('d', 0), file('e', PIECE), file('f', 100)];

describe('createMetainfo', () => {
  it('sorts by the bytes of each part of the path, folders among files', () => {
    const paths = ['é', 'a.txt', 'a/z', 'a-', 'B/e', 'a/b/c', '.h', '😀', '\uffee'];
    const sorted = paths.map((path) => file(path, 1)).sort(compareFiles);
    assert.deepEqual(
      sorted.map(({ parts }) => parts.join('/')),
      ['.h', 'B/e', 'a/b/c', 'a/z', 'a-', 'a.txt', 'é', '\uffee', '😀'],
    );
  });

  it('lays v1 files end to end', () => {
    const { metainfo } = made(TREE, 'v1');
    assert.deepEqual(
      metainfo.files.map(({ path, offset }) => [path, offset]),
      [
        ['top/a/b', 0],
        ['top/a/c', 5],
        ['top/d', 40_005],
        ['top/e', 40_005],
        ['top/f', 56_389],
      ],
    );
    assert.equal(metainfo.infoHashV2, null);
    assert.deepEqual([metainfo.files[0]!.isExecutable, metainfo.files[1]!.isExecutable], [true, false]);
  });

  it('pads a hybrid to pieces, the last file too, and both halves agree', () => {
    const { metainfo } = made(TREE, 'hybrid');
    assert.deepEqual(
      metainfo.files.map(({ isPadding, length }) => (isPadding ? -length : length)),
      [5, 5 - PIECE, 40_000, 40_000 - 3 * PIECE, 0, PIECE, 100, 100 - PIECE],
    );
    assert.ok(metainfo.infoHashV1 !== null && metainfo.infoHashV2 !== null);
    assert.equal(metainfo.totalLength, 56_489);
  });

  it('has layers of files longer than a piece only, and roots of all that are not empty', () => {
    for (const format of ['v2', 'hybrid'] as const) {
      const { metainfo } = made(TREE, format);
      const roots = metainfo.files.filter(({ isPadding }) => !isPadding).map(({ piecesRoot }) => piecesRoot);
      assert.deepEqual(
        roots.map((root) => root === null),
        [false, false, true, false, false],
      );
      assert.deepEqual([...metainfo.pieceLayers.keys()], [toHex(roots[1]!)]);
      assert.equal(metainfo.pieceLayers.get(toHex(roots[1]!))!.length, 3 * 32);
      assert.deepEqual(Buffer.from(roots[0]!), Buffer.alloc(32, 0), 'a file of one piece has its root');
    }
  });

  it('does not pad a single file, and writes no layer twice for equal files', () => {
    const single = made([file('one', 20_000, 'xh')], 'hybrid', { name: 'one' }).metainfo;
    assert.equal(single.isSingleFile, true);
    assert.deepEqual(
      [single.files.length, single.files[0]!.isExecutable, single.files[0]!.isHidden],
      [1, true, true],
    );
    const twice = createMetainfo(
      {
        info: {
          format: 'v2',
          name: 'top',
          isSingleFile: false,
          pieceLength: PIECE,
          files: [file('a', 20_000), file('b', 20_000)],
          entries: [],
          pieceHashes: new Uint8Array(0),
          isPrivate: false,
          source: null,
        },
        pieceRoots: new Uint8Array(32 * 4).fill(7),
        trackers: [],
        webSeeds: [],
        comment: null,
        createdBy: null,
        createdAt: null,
      },
      crypto,
    );
    assert.equal(parseMetainfo(twice, crypto).pieceLayers.size, 1);
  });

  it('writes everything else, and nothing that was not asked for', () => {
    const { metainfo } = made(TREE, 'v1', {
      trackers: ['http://a.example/announce', 'udp://b.example:80'],
      webSeeds: ['http://c.example/'],
      comment: 'hi',
      createdBy: 'me',
      createdAt: 1_700_000_000,
      isPrivate: true,
      source: 'S',
    });
    assert.deepEqual(metainfo.trackers, [['http://a.example/announce'], ['udp://b.example:80']]);
    assert.deepEqual(metainfo.webSeeds, ['http://c.example/']);
    assert.deepEqual(
      [metainfo.comment, metainfo.createdBy, metainfo.createdAt, metainfo.isPrivate],
      ['hi', 'me', 1_700_000_000, true],
    );
    assert.match(Buffer.from(metainfo.infoDictionary).toString('latin1'), /7:privatei1e6:source1:Se$/);
    const bare = Buffer.from(made(TREE, 'v1').bytes).toString('latin1');
    assert.match(bare, /^d4:infod5:filesl/);
    assert.doesNotMatch(bare, /private|source|announce|url-list|comment|created|creation/);
  });
});
