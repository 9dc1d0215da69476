import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  dictionary,
  parse,
  refusal,
  v1File,
  v2File,
  v2Torrent,
  zeroFile,
} from '../../../test/fixtures/metainfo/build-torrent.ts';
import { toHex } from '../../base/text.ts';
import type { BencodeValue } from '../bencode/write-bencode.ts';

function paths(bytes: Uint8Array): string[] {
  return parse(bytes).files.map((file) => file.path);
}

describe('parseMetainfo on v2', () => {
  const tree = dictionary({ a: v2File(40_000), b: dictionary({ c: v2File(5) }), d: v2File(0) });

  it('reads a file tree and aligns its files to pieces', () => {
    const metainfo = parse(v2Torrent(tree));
    assert.equal(metainfo.infoHashV1, null);
    assert.deepEqual(
      metainfo.files.map((file) => [file.path, file.length, file.offset]),
      [
        ['top/a', 40_000, 0],
        ['top/b/c', 5, 49_152],
        ['top/d', 0, 49_157],
      ],
    );
    assert.equal(metainfo.pieceCount, 4);
  });

  it('takes the name of a single file from the tree', () => {
    const metainfo = parse(v2Torrent(dictionary({ 'real.bin': v2File(5) })));
    assert.deepEqual([metainfo.name, metainfo.isSingleFile], ['real.bin', true]);
    assert.deepEqual(paths(v2Torrent(dictionary({ f: dictionary({ 'real.bin': v2File(5) }) }))), [
      'top/f/real.bin',
    ]);
  });

  it('refuses trees that say two things', () => {
    const two = v2File(5).get('')!;
    const cases: [actual: string, expected: RegExp][] = [
      [refusal(v2Torrent(dictionary({}))), /^info\.file tree has no files/],
      [refusal(v2Torrent(dictionary({ '': two }))), /^info\.file tree\._ makes the root .* a file/],
      [
        refusal(v2Torrent(dictionary({ a: dictionary({ '': two, b: v2File(1) }) }))),
        /a file of what is also/,
      ],
      [refusal(v2Torrent(dictionary({ a: 5 }))), /^info\.file tree\.a is not a dictionary/],
      [
        refusal(v2Torrent(tree, { 'piece length': 8192 })),
        /^info\.piece length is not a whole number from 16384/,
      ],
      [refusal(v2Torrent(tree, { 'piece length': 49_152 })), /^info\.piece length is not a power of two/],
      [refusal(v2Torrent(tree, { 'file tree': undefined })), /^info has no "file tree"/],
      [
        refusal(v2Torrent(dictionary({ a: dictionary({ '': dictionary({ length: 5 }) }) }))),
        /^info\.file tree\.a\._ has no "pieces root"/,
      ],
    ];
    for (const [actual, expected] of cases) assert.match(actual, expected);
  });

  it('refuses a tree out of order', () => {
    const text = Buffer.from(v2Torrent(dictionary({ a: v2File(0), b: v2File(0) }))).toString('latin1');
    const swapped = text.replace('1:ad0:', '1:cd0:');
    assert.match(refusal(Buffer.from(swapped, 'latin1')), /^info\.file tree\.b is not in the order of keys/);
  });

  it('checks piece layers against their roots', () => {
    const { root, layer } = zeroFile(40_000);
    const layers = (value: Uint8Array, key = root): string =>
      refusal(v2Torrent(tree, {}, { 'piece layers': new Map([[key, value]]) }));
    assert.equal(layers(layer), 'accepted');
    const forged = layer.slice();
    forged[95] = forged[95]! ^ 1;
    assert.match(layers(forged), /^piece layers\.[0-9a-f]+.* does not match the root of its file/);
    assert.match(layers(layer.slice(0, 64)), /is 64 bytes long instead of 96/);
    assert.match(layers(layer, new Uint8Array(32)), /^piece layers has no layer for the root/);
    assert.match(
      refusal(v2Torrent(tree, {}, { 'piece layers': undefined })),
      /^the torrent has no "piece layers"/,
    );
  });

  it('refuses a root that two files of different length share', () => {
    const root = zeroFile(40_000).root;
    const liar = dictionary({ '': dictionary({ length: 70_000, 'pieces root': root }) });
    const shared = dictionary({ a: v2File(40_000), b: liar });
    const layers = new Map([[root, zeroFile(40_000).layer]]);
    assert.notEqual(refusal(v2Torrent(shared, {}, { 'piece layers': layers })), 'accepted');
  });
});

describe('parseMetainfo on hybrids', () => {
  const tree = dictionary({ a: v2File(20_000), b: dictionary({ c: v2File(5) }) });
  const pad = (length: number) => dictionary({ length, attr: 'p' });
  const hybrid = (...files: ReturnType<typeof v1File>[]): Uint8Array => {
    const total = files.reduce((sum, file) => sum + Number(file.get('length')), 0);
    return v2Torrent(tree, { files, pieces: new Uint8Array(20 * Math.ceil(total / 16384)) });
  };

  it('joins both halves', () => {
    const metainfo = parse(hybrid(v1File('a', 20_000), pad(12_768), v1File('b/c', 5)));
    assert.deepEqual(
      metainfo.files.map((file) => [file.path, file.piecesRoot && toHex(file.piecesRoot)]),
      [
        ['top/a', toHex(zeroFile(20_000).root)],
        ['top/.pad/12768', null],
        ['top/b/c', toHex(zeroFile(5).root)],
      ],
    );
    assert.ok(metainfo.infoHashV1 !== null && metainfo.infoHashV2 !== null);
  });

  it('refuses halves that disagree', () => {
    const cases: [bytes: Uint8Array, expected: RegExp][] = [
      [hybrid(v1File('a', 20_000), v1File('b/c', 5)), /^info\.files\[1\] does not start at the piece/],
      [
        hybrid(v1File('a', 20_000), pad(12_768 + 16384), v1File('b/c', 5)),
        /\[2\] does not start at the piece/,
      ],
      [hybrid(v1File('a', 20_001), pad(12_767), v1File('b/c', 5)), /\[0\] has another length .*: 20000/],
      [hybrid(v1File('x', 20_000), pad(12_768), v1File('b/c', 5)), /\[0\] has another path/],
      [hybrid(v1File('a', 20_000)), /^info\.file tree\.b\.c\._ is not in the list of files/],
      [
        hybrid(v1File('a', 20_000), pad(12_768), v1File('b/c', 5), v1File('d', 0)),
        /^info\.files\[3\] is not in the file tree/,
      ],
      [v2Torrent(tree, { length: 5, pieces: new Uint8Array(20) }), /^info has another path/],
    ];
    for (const [bytes, expected] of cases) assert.match(refusal(bytes), expected);
  });

  it('refuses links that disagree', () => {
    const link = (target: string): { [key: string]: BencodeValue } => ({
      attr: 'l',
      'symlink path': [target],
    });
    const linked = (target: string): Uint8Array =>
      v2Torrent(dictionary({ a: v2File(5), l: dictionary({ '': dictionary(link('a')) }) }), {
        files: [v1File('a', 5), dictionary({ path: ['l'], ...link(target) })],
        pieces: new Uint8Array(20),
      });
    assert.equal(parse(linked('a')).files[1]!.symlinkTarget, 'top/a');
    assert.match(refusal(linked('b')), /is another symlink than in the file tree/);
  });
});
