/**
 * Owns the suite of what a disk remembers (clause 8 of its contract): what a snapshot claims, what is
 * believed of it later, and what is looked at again. Run against the worker and the simulator.
 *
 * Whether something was read shows in what is believed: bytes are spoilt, and the snapshot is given the time
 * of the spoilt file, so that nothing but reading would tell.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BLOCK_LENGTH } from '../../src/base/numbers.ts';
import type { StorageSpec } from '../../src/ports/disk.ts';
import type { ResumeData } from '../../src/ports/state-store.ts';
import type { DiskRecorder } from './disk-recorder.ts';
import { randomBytes, TestTorrent } from './disk-torrent.ts';
import {
  type DiskWorld,
  downloadAll,
  type MakeDiskWorld,
  openAndCheck,
  plantFile,
  readFile,
  release,
  snapshot,
} from './disk-world.ts';

type Body = (world: DiskWorld, recorder: DiskRecorder) => Promise<void>;
type Check = (title: string, body: Body) => void;

/** Runs the suite; `make` makes a fresh world for each test. */
export function diskResume(name: string, make: MakeDiskWorld): void {
  const check: Check = (title, body) => {
    test(title, async () => {
      const world = await make();
      try {
        await body(world, world.recorder);
      } finally {
        await world.dispose();
      }
    });
  };
  describe(`memory of the ${name} disk`, () => {
    taking(check);
    believing(check);
    doubting(check);
    selecting(check);
  });
}

/** Pieces 0 to 2: a. Piece 3: end of a, b, beginning of c. Pieces 4 and 5: rest of c. */
function torrentOf(world: DiskWorld): TestTorrent {
  return new TestTorrent({
    directory: world.directory,
    files: [
      { path: 'top/a', length: 6 * BLOCK_LENGTH + 5000 },
      { path: 'top/b', length: 3000 },
      { path: 'top/c', length: 5 * BLOCK_LENGTH },
    ],
  });
}

const A = 0;
const B = 1;
const C = 2;

/** Downloads `pieces`, takes a snapshot and starts again. */
async function rememberedDownload(
  world: DiskWorld,
  torrent: TestTorrent,
  pieces: readonly number[],
  spec: StorageSpec = torrent.spec,
): Promise<{ second: DiskRecorder; resume: ResumeData }> {
  const { recorder } = world;
  await openAndCheck(world, recorder, 1, spec);
  await downloadAll(world, recorder, 1, torrent, pieces);
  const { resume } = await snapshot(world, recorder, 1);
  assert.ok(resume !== null);
  return { second: await world.restart(), resume };
}

function pathOf(world: DiskWorld, torrent: TestTorrent, file: number): string {
  const path = `${world.directory}/${torrent.spec.files[file]!.path}`;
  return world.fileSystem.status(path) === null ? `${path}.part` : path;
}

/** Writes `bytes` into a file behind the disk's back. */
async function overwrite(world: DiskWorld, path: string, at: number, bytes: Uint8Array): Promise<void> {
  await world.pause();
  const handle = world.fileSystem.open(path, 'write');
  handle.write(at, [bytes]);
  handle.close();
}

async function truncate(world: DiskWorld, path: string, length: number): Promise<void> {
  await world.pause();
  const handle = world.fileSystem.open(path, 'write');
  handle.truncate(length);
  handle.close();
}

/** The snapshot as if `file` had been then as it is now. */
function restamped(world: DiskWorld, torrent: TestTorrent, resume: ResumeData, file: number): ResumeData {
  const status = world.fileSystem.status(pathOf(world, torrent, file))!;
  const lengths = resume.files.lengths.slice();
  const modifiedAt = resume.files.modifiedAt.slice();
  lengths[file] = status.length;
  modifiedAt[file] = status.modifiedAt;
  return { ...resume, files: { lengths, modifiedAt } };
}

function bitsOf(bits: Uint8Array, count: number): string {
  let picture = '';
  for (let i = 0; i < count; i++) picture += (bits[i >>> 3]! & (0x80 >>> (i & 7))) === 0 ? '.' : '#';
  return picture;
}

function taking(check: Check): void {
  check('8: a snapshot covers the writes and hashes submitted before it', async (world, recorder) => {
    const torrent = torrentOf(world);
    recorder.open(1, torrent.spec);
    recorder.check(1);
    recorder.download(1, torrent, 4);
    recorder.write(1, torrent, 0, 1);
    recorder.snapshot(1);
    recorder.write(1, torrent, 1, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('snapshot').length === 1);
    const { resume } = recorder.last('snapshot');
    assert.equal(resume!.pieceCount, 6);
    assert.equal(bitsOf(resume!.verified, 6), '....#.');
    assert.deepEqual(resume!.partials, [{ piece: 0, blocks: Uint8Array.of(0x40) }]);
    assert.equal(resume!.bootId, null);
    assert.deepEqual([...resume!.files.lengths], [torrent.spec.files[A]!.length, -1, 5 * BLOCK_LENGTH, -1]);
    assert.equal(resume!.files.modifiedAt[B], 0);
    const status = world.fileSystem.status(`${world.directory}/top/c.part`)!;
    assert.equal(resume!.files.modifiedAt[C], status.modifiedAt);
  });

  check('a snapshot of a storage in error fails, and of one that is not there', async (world, recorder) => {
    const torrent = torrentOf(world);
    await openAndCheck(world, recorder, 1, torrent.spec);
    plantFile(world.fileSystem, `${world.directory}/top`, Uint8Array.of(1));
    recorder.download(1, torrent, 4);
    assert.deepEqual((await snapshot(world, recorder, 1)).failure, 'not-a-directory');
    assert.equal((await snapshot(world, recorder, 7)).failure, 'closed');
  });

  check('snapshots end before a release, and in order', async (world, recorder) => {
    const torrent = torrentOf(world);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.download(1, torrent, 0);
    recorder.snapshot(1, false);
    recorder.download(1, torrent, 1);
    recorder.snapshot(1);
    recorder.release(1);
    recorder.disk.submit();
    await world.until(() => recorder.all('released').length === 1);
    assert.deepEqual(
      recorder.all('snapshot').map((one) => bitsOf(one.resume!.verified, 6)),
      ['#.....', '##....'],
    );
    assert.equal(recorder.completions.at(-1)!.what, 'released');
  });

  check('reads go on beside a snapshot', async (world, recorder) => {
    const torrent = torrentOf(world);
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent);
    recorder.snapshot(1);
    recorder.read(1, 0, 0, BLOCK_LENGTH);
    recorder.disk.submit();
    await world.until(() => recorder.all('snapshot').length === 1);
    assert.ok(recorder.all('read').length === 1, 'the read did not wait');
  });
}

function believing(check: Check): void {
  check('8: what a snapshot vouches for is not read', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 1, 2, 4, 5]);
    assert.deepEqual((await openAndCheck(world, second, 1, torrent.spec, resume)).have, '###.##');
    await release(world, second, 1);
    for (const file of [A, C]) await overwrite(world, pathOf(world, torrent, file), 0, randomBytes(10, 9));
    const lie = restamped(world, torrent, restamped(world, torrent, resume, A), C);
    assert.deepEqual((await openAndCheck(world, second, 1, torrent.spec, lie)).have, '###.##');
    second.check(1);
    second.disk.submit();
    await world.until(() => second.all('checked').length === 3);
    assert.equal(second.last('checked').have, '.##.##', 'a second check hashes everything');
  });

  check('a piece that had begun is finished by what it lacks', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [{ path: 'a', length: 20 * BLOCK_LENGTH - 5 }],
      pieceLength: 10 * BLOCK_LENGTH,
    });
    await openAndCheck(world, recorder, 1, torrent.spec);
    for (const block of [1, 2, 5, 9]) recorder.write(1, torrent, 1, block);
    const { resume } = await snapshot(world, recorder, 1, false);
    const partials = [{ piece: 1, blocks: Uint8Array.of(0b0110_0100, 0b0100_0000) }];
    assert.deepEqual(resume!.partials, partials);
    const second = await world.restart();
    const checked = await openAndCheck(world, second, 1, torrent.spec, resume);
    assert.equal(checked.have, '..');
    assert.deepEqual(checked.partials, partials);
    for (const block of [8, 0, 3, 7, 6, 4]) second.write(1, torrent, 1, block);
    assert.equal((await snapshot(world, second, 1)).resume!.partials.length, 1, 'claimed again');
    second.hash(1, 1);
    second.disk.submit();
    await world.until(() => second.all('hashed').length === 1);
    assert.ok(second.last('hashed').matches);
  });

  check('a piece that was written but not hashed is hashed by the check', async (world, recorder) => {
    const torrent = torrentOf(world);
    await openAndCheck(world, recorder, 1, torrent.spec);
    for (const block of [0, 1]) recorder.write(1, torrent, 1, block);
    const { resume } = await snapshot(world, recorder, 1);
    const checked = await openAndCheck(world, await world.restart(), 1, torrent.spec, resume);
    assert.equal(checked.have, '.#....');
    assert.deepEqual(checked.partials, []);
  });

  check('files are believed under either name', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 1, 2, 3, 4, 5]);
    world.fileSystem.rename(`${world.directory}/top/a`, `${world.directory}/top/a.part`);
    assert.equal((await openAndCheck(world, second, 1, torrent.spec, resume)).have, '######');
    assert.notEqual(world.fileSystem.status(`${world.directory}/top/a`), null, 'and finished');
  });
}

function doubting(check: Check): void {
  check('8: a file that was changed is hashed, and nothing else', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 1, 2, 3, 4, 5]);
    await overwrite(world, pathOf(world, torrent, A), 0, randomBytes(10, 9));
    await overwrite(world, pathOf(world, torrent, C), 4 * BLOCK_LENGTH, randomBytes(10, 9));
    const lie = restamped(world, torrent, resume, A);
    // The spoilt piece of a is believed; those of c are hashed.
    assert.equal((await openAndCheck(world, second, 1, torrent.spec, lie)).have, '#####.');
    await downloadAll(world, second, 1, torrent, [5]);
    assert.ok(second.last('hashed').matches);
    assert.deepEqual(
      readFile(world.fileSystem, pathOf(world, torrent, C)),
      Uint8Array.from(torrent.bytesOf(C)),
    );
  });

  check('a truncated or removed file is fetched again, never taken for somebody else’s', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 1, 2, 3, 4, 5]);
    await truncate(world, pathOf(world, torrent, A), 3 * BLOCK_LENGTH);
    await truncate(world, pathOf(world, torrent, B), 10);
    world.fileSystem.remove(pathOf(world, torrent, C));
    const checked = await openAndCheck(world, second, 1, torrent.spec, resume);
    assert.equal(checked.failure, null);
    assert.equal(checked.have, '#.....');
    await downloadAll(world, second, 1, torrent, [1, 2, 3, 4, 5]);
    for (const file of [A, B, C]) {
      assert.deepEqual(
        readFile(world.fileSystem, `${world.directory}/${torrent.spec.files[file]!.path}`),
        Uint8Array.from(torrent.bytesOf(file)),
      );
    }
  });

  check('what was completed behind our back is found', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 4]);
    await overwrite(world, pathOf(world, torrent, A), 2 * BLOCK_LENGTH, torrent.bytesOfPiece(1));
    assert.equal((await openAndCheck(world, second, 1, torrent.spec, resume)).have, '##..#.');
  });

  check('what was not claimed in files that did not change is not read', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 4]);
    await overwrite(world, pathOf(world, torrent, A), 2 * BLOCK_LENGTH, torrent.bytesOfPiece(1));
    const lie = restamped(world, torrent, resume, A);
    assert.equal((await openAndCheck(world, second, 1, torrent.spec, lie)).have, '#...#.');
  });

  check('blocks in a file that was changed are not vouched for', async (world, recorder) => {
    const torrent = torrentOf(world);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.write(1, torrent, 0, 0);
    recorder.write(1, torrent, 4, 0);
    const { resume } = await snapshot(world, recorder, 1);
    const second = await world.restart();
    await overwrite(world, pathOf(world, torrent, A), 0, randomBytes(10, 9));
    const { partials } = await openAndCheck(world, second, 1, torrent.spec, resume);
    assert.deepEqual(partials, [{ piece: 4, blocks: Uint8Array.of(0x80) }]);
  });

  check('a snapshot that does not fit the torrent is ignored wholly', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 1, 2, 3, 4, 5]);
    await overwrite(world, pathOf(world, torrent, A), 0, randomBytes(10, 9));
    const lie = restamped(world, torrent, resume, A);
    const { files } = lie;
    const blocks = Uint8Array.of(0x80);
    const misfits: ResumeData[] = [
      { ...lie, pieceCount: 7 },
      { ...lie, verified: Uint8Array.of(0xfc, 0) },
      { ...lie, verified: Uint8Array.of(0xff) },
      { ...lie, files: { ...files, lengths: files.lengths.subarray(1) } },
      { ...lie, files: { ...files, modifiedAt: new Float64Array(9) } },
      { ...lie, partials: [{ piece: 6, blocks }] },
      { ...lie, partials: [{ piece: 1.5, blocks }] },
      { ...lie, partials: [{ piece: 0, blocks }] },
      { ...lie, verified: Uint8Array.of(0x7c), partials: [{ piece: 0, blocks: Uint8Array.of(0x20) }] },
      { ...lie, verified: Uint8Array.of(0x7c), partials: [{ piece: 0, blocks: Uint8Array.of(0x80, 0) }] },
    ];
    for (const misfit of misfits) {
      const { have } = await openAndCheck(world, second, 1, torrent.spec, misfit);
      assert.equal(have, '.#####');
      await release(world, second, 1);
    }
  });
}

function selecting(check: Check): void {
  check('a finished selection comes back complete without its neighbours', async (world) => {
    const torrent = torrentOf(world);
    const spec = torrent.selecting([B]);
    const { second, resume } = await rememberedDownload(world, torrent, [3], spec);
    assert.equal((await openAndCheck(world, second, 1, spec, resume)).have, '...#..');
    second.read(1, 3, 0, BLOCK_LENGTH);
    second.disk.submit();
    await world.until(() => second.all('read').length === 1);
    assert.deepEqual(second.last('read').bytes, Uint8Array.from(torrent.bytesOfBlock(3, 0)));
  });

  check('what was kept aside is not claimed once its file is wanted', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [3], torrent.selecting([B]));
    assert.equal((await openAndCheck(world, second, 1, torrent.spec, resume)).have, '......');
    await downloadAll(world, second, 1, torrent);
    assert.ok(second.all('hashed').every((one) => one.matches));
    const again = await snapshot(world, second, 1);
    await release(world, second, 1);
    assert.equal(world.fileSystem.status(`${world.directory}/.parts/parts`), null);
    assert.equal((await openAndCheck(world, second, 1, torrent.spec, again.resume)).have, '######');
  });

  check('what is no longer wanted keeps its bytes', async (world) => {
    const torrent = torrentOf(world);
    const { second, resume } = await rememberedDownload(world, torrent, [0, 1, 2, 3, 4, 5]);
    assert.equal((await openAndCheck(world, second, 1, torrent.selecting([B]), resume)).have, '######');
  });

  check('an unwanted file beside the parts file is not vouched for by it', async (world, recorder) => {
    const torrent = torrentOf(world);
    await openAndCheck(world, recorder, 1, torrent.selecting([B]));
    await downloadAll(world, recorder, 1, torrent, [3]);
    await release(world, recorder, 1);
    // The same length and other bytes, there before the snapshot.
    plantFile(world.fileSystem, `${world.directory}/top/a`, randomBytes(6 * BLOCK_LENGTH + 5000, 4));
    await openAndCheck(world, recorder, 1, torrent.selecting([B]));
    await downloadAll(world, recorder, 1, torrent, [3]);
    const { resume } = await snapshot(world, recorder, 1);
    assert.equal(bitsOf(resume!.verified, 6), '...#..');
    assert.equal(resume!.files.lengths[A], -1);
    const second = await world.restart();
    const { have } = await openAndCheck(world, second, 1, torrent.selecting([A, B]), resume);
    assert.equal(have, '......');
    await release(world, second, 1);
    const same = await openAndCheck(world, second, 1, torrent.selecting([B]), resume);
    assert.equal(same.have, '...#..', 'looked at, and found good');
  });
}
