/** The library's checkTorrent on real files. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CheckReport } from '../../src/client/check-torrent.ts';
import { checkTorrent } from '../../src/client/check-torrent.ts';
import { createTorrent, type TorrentFormat } from '../../src/client/create-torrent.ts';

const PIECE = 16_384;

function damage(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = bytes[offset]! ^ 1;
  writeFileSync(path, bytes);
}

describe('checkTorrent', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spate-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function put(path: string, length: number): string {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = i * 7 + path.length + (i >> 8);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    return join(folder, path);
  }

  function tree(): void {
    put('d/a', 40_000); // v1: pieces 0 to 2
    put('d/b', 5); // v1: piece 2
    put('d/e', 0);
    put('d/f/c', 100_000); // v1: pieces 2 to 8
    put('d/z', PIECE); // v1: pieces 8 and 9
  }

  async function torrent(format: TorrentFormat, path = 'd'): Promise<Uint8Array> {
    const created = await createTorrent({ path: join(folder, path), format, pieceLength: PIECE });
    return created.metainfo;
  }

  const check = (metainfo: Uint8Array): Promise<CheckReport> => checkTorrent({ metainfo, directory: folder });

  /** `PATH STATE` of every file that is not complete. */
  function faults(report: CheckReport): string[] {
    return report.files
      .filter((file) => file.state !== 'complete')
      .map((file) => `${file.path} ${file.state}`);
  }

  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    it(`finds a whole ${format} torrent complete`, async () => {
      tree();
      const report = await check(await torrent(format));
      assert.deepEqual([report.isComplete, faults(report)], [true, []]);
      assert.deepEqual([report.verifiedBytes, report.totalBytes], [156_389, 156_389]);
      assert.deepEqual([report.badPieces, report.missingPieces], [[], []]);
      assert.equal(report.verifiedPieces, report.pieceCount);
      assert.deepEqual(
        [report.infoHashV1 === null, report.infoHashV2 === null],
        [format === 'v2', format === 'v1'],
      );
    });

    it(`names what is missing, short, long and damaged of a ${format} torrent`, async () => {
      tree();
      const metainfo = await torrent(format);
      rmSync(join(folder, 'd/a'));
      assert.ok(faults(await check(metainfo)).includes('d/a missing'));
      tree();
      truncateSync(join(folder, 'd/f/c'), 60_000);
      assert.ok(faults(await check(metainfo)).includes('d/f/c incomplete'));
      tree();
      truncateSync(join(folder, 'd/z'), PIECE + 1);
      assert.deepEqual(faults(await check(metainfo)), ['d/z bad']);
      tree();
      damage(join(folder, 'd/f/c'), 50_000);
      const report = await check(metainfo);
      assert.deepEqual(faults(report), ['d/f/c bad']);
      const bad = report.files.find((file) => file.path === 'd/f/c')!.badPieces;
      assert.deepEqual(report.badPieces, bad);
      assert.deepEqual(bad, format === 'v1' ? [[5, 5]] : [[7, 7]]);
      assert.equal(report.verifiedBytes, 156_389 - PIECE);
      tree();
      rmSync(join(folder, 'd/e'));
      assert.deepEqual(faults(await check(metainfo)), ['d/e missing']);
    });
  }

  it('does not accuse a file for the fault of its neighbour in a v1 piece', async () => {
    tree();
    const metainfo = await torrent('v1');
    rmSync(join(folder, 'd/b'));
    assert.deepEqual(faults(await check(metainfo)), ['d/a unverified', 'd/b missing', 'd/f/c unverified']);
    tree();
    damage(join(folder, 'd/z'), 0);
    damage(join(folder, 'd/z'), PIECE - 1);
    const report = await check(metainfo);
    assert.deepEqual(faults(report), ['d/f/c unverified', 'd/z bad']);
    tree();
    damage(join(folder, 'd/b'), 0);
    assert.deepEqual(faults(await check(metainfo)), ['d/a bad', 'd/b bad', 'd/f/c bad'], 'nobody can tell');
  });

  it('looks at the files of an unfinished download', async () => {
    tree();
    const metainfo = await torrent('v1');
    renameSync(join(folder, 'd/f/c'), join(folder, 'd/f/c.part'));
    const whole = await check(metainfo);
    assert.deepEqual(faults(whole), ['d/f/c incomplete']);
    assert.deepEqual([whole.isComplete, whole.verifiedPieces], [false, whole.pieceCount]);
    damage(join(folder, 'd/f/c.part'), 50_000);
    const damaged = await check(metainfo);
    assert.deepEqual(
      [damaged.badPieces, damaged.missingPieces],
      [[], [[5, 5]]],
      'not downloaded rather than bad',
    );
  });

  it('believes what a download of some files has put aside for a piece that they share with others', async () => {
    tree();
    const metainfo = await torrent('v1');
    const { infoHashV1 } = await check(metainfo);
    const record = Buffer.alloc(8 + PIECE);
    record.writeUInt32LE(0x31545053, 0);
    record.writeUInt32LE(2, 4);
    const all = Buffer.concat(
      ['a', 'b', 'e', 'f/c', 'z'].map((path) => readFileSync(join(folder, 'd', path))),
    );
    all.copy(record, 8, 2 * PIECE, 3 * PIECE);
    writeFileSync(join(folder, `.${infoHashV1}.spate-parts`), record);
    rmSync(join(folder, 'd/b'));
    rmSync(join(folder, 'd/f/c'));
    const report = await check(metainfo);
    assert.deepEqual(faults(report), ['d/b missing', 'd/f/c missing', 'd/z unverified']);
    assert.equal(report.files[0]!.state, 'complete', 'its last piece is verified from what was put aside');
    record[8 + 8000] = record[8 + 8000]! ^ 1;
    writeFileSync(join(folder, `.${infoHashV1}.spate-parts`), record);
    assert.ok(faults(await check(metainfo)).includes('d/a unverified'));
  });

  it('finds nothing quickly, and a hole of zeros to be what it is', async () => {
    put('z.bin', 1);
    truncateSync(join(folder, 'z.bin'), 3 * PIECE);
    writeFileSync(join(folder, 'z.bin'), Buffer.alloc(3 * PIECE));
    const metainfo = await torrent('hybrid', 'z.bin');
    rmSync(join(folder, 'z.bin'));
    const nothing = await check(metainfo);
    assert.deepEqual([nothing.verifiedPieces, nothing.missingPieces], [0, [[0, 2]]]);
    put('z.bin', 0);
    truncateSync(join(folder, 'z.bin'), 3 * PIECE);
    assert.equal((await check(metainfo)).isComplete, true);
  });

  it('wants an absolute folder that exists, and a torrent', async () => {
    tree();
    const metainfo = await torrent('v1');
    const cases: readonly [Promise<unknown>, RegExp][] = [
      [checkTorrent({ metainfo, directory: 'd' }), /option directory is "d"/],
      [checkTorrent({ metainfo, directory: join(folder, 'nope') }), /there is no folder/],
      [checkTorrent({ metainfo, directory: join(folder, 'd/a') }), /is not a folder/],
      [checkTorrent({ metainfo: Buffer.from('x'), directory: folder }), /not a torrent/],
    ];
    for (const [result, message] of cases) await assert.rejects(result, { name: 'InputError', message });
    const abort = AbortSignal.abort(new Error('enough'));
    await assert.rejects(checkTorrent({ metainfo, directory: folder, signal: abort }), /enough/);
  });
});
