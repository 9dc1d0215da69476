/**
 * Owns the disk under faults that only the simulator can make at will: every call of the file system fails
 * once, the device fills up, descriptors run out, a torrent has 100,000 files.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_LENGTH } from '../../src/base/numbers.ts';
import type { FailureCode } from '../../src/ports/failure.ts';
import type { MemoryFileSystem } from '../../src/sim/memory-file-system.ts';
import { randomBytes, TestTorrent } from './disk-torrent.ts';
import { downloadAll, openAndCheck, plantFile, release, simDiskWorld } from './disk-world.ts';

function faultTorrent(directory: string): TestTorrent {
  return new TestTorrent({
    directory,
    files: [
      { path: 'top/a', length: 2 * BLOCK_LENGTH + 5000 },
      { path: 'top/unwanted', length: 3000, isWanted: false },
      { path: 'top/empty', length: 0 },
      { path: 'top/d', length: 2 * BLOCK_LENGTH, isExecutable: true },
      { path: 'top/link', length: 0, symlinkTarget: 'top/a' },
    ],
  });
}

/**
 * One small download with a restart in the middle, whatever fails. Ends when everything has its completion.
 */
async function downloadWithFault(call: number, code: FailureCode): Promise<{ wasHit: boolean }> {
  const world = await simDiskWorld(32);
  const torrent = faultTorrent(world.directory);
  const before = world.fileSystem.callCount;
  world.fileSystem.failCall(before + call, code);
  let recorder = world.recorder;
  for (let attempt = 0; attempt < 2; attempt++) {
    recorder.open(1, torrent.spec);
    recorder.check(1);
    recorder.disk.submit();
    await world.until(() => recorder.all('checked').length === 1);
    const expected = torrent.pieceCount;
    for (let piece = 0; piece < expected; piece++)
      recorder.download(1, torrent, piece, piece === 0 ? [1, 0] : undefined);
    recorder.read(1, 1, 0, 100);
    recorder.blockDigests(1, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('digests').length === 1);
    assert.equal(recorder.all('hashed').length, expected);
    const verified = recorder.all('hashed').filter((one) => one.matches);
    await release(world, recorder, 1);
    assert.ok(recorder.hasAllSlots);
    assertClaims(
      world.fileSystem,
      torrent,
      verified.map((one) => one.piece),
    );
    recorder = await world.restart();
  }
  const wasHit = world.fileSystem.callCount >= before + call;
  if (!wasHit) {
    await world.dispose();
    return { wasHit };
  }
  // Whatever failed failed once: a third time gets everything.
  const { have, failure } = await openAndCheck(world, recorder, 1, torrent.spec);
  if (failure === null) {
    await downloadAll(world, recorder, 1, torrent);
    await release(world, recorder, 1);
    for (const file of [0, 3]) {
      assert.deepEqual(
        world.fileSystem.peek(`${world.directory}/${torrent.spec.files[file]!.path}`),
        Uint8Array.from(torrent.bytesOf(file)),
      );
    }
  } else assert.fail(`${failure} with ${have}`);
  await world.dispose();
  return { wasHit };
}

/** What was said to be verified is in the files, under one name or the other. */
function assertClaims(fileSystem: MemoryFileSystem, torrent: TestTorrent, pieces: readonly number[]): void {
  for (const piece of pieces) {
    torrent.layout.forEachExtent(piece, 0, torrent.layout.lengthOfPiece(piece), {
      onExtent: (file, fileOffset, length) => {
        const { path, isWanted } = torrent.spec.files[file]!;
        if (!isWanted) return;
        const path0 = `${torrent.spec.directory}/${path}`;
        const bytes = fileSystem.peek(path0) ?? fileSystem.peek(`${path0}.part`);
        assert.ok(bytes !== null, `${path} exists`);
        assert.deepEqual(
          bytes.subarray(fileOffset, fileOffset + length),
          Uint8Array.from(torrent.bytesOf(file).subarray(fileOffset, fileOffset + length)),
        );
      },
    });
  }
}

for (const code of ['io-error', 'disk-full', 'too-many-open-files', 'not-found'] as const) {
  test(`every call of a small download fails once with ${code}: no false claim, no lost slot, an end`, async () => {
    let call = 1;
    while ((await downloadWithFault(call, code)).wasHit) call++;
    assert.ok(call > 60, `${call} calls were tried`);
  });
}

test('a device that fills up stops the storage, and what is verified stays', async () => {
  const world = await simDiskWorld();
  const { recorder, fileSystem } = world;
  const torrent = new TestTorrent({
    directory: world.directory,
    files: [{ path: 'a', length: 20 * BLOCK_LENGTH }],
  });
  await openAndCheck(world, recorder, 1, torrent.spec);
  fileSystem.capacityBytes = 9 * 16384;
  for (let piece = 0; piece < 10; piece++) recorder.download(1, torrent, piece);
  recorder.disk.submit();
  await world.until(() => recorder.all('hashed').length === 10);
  assert.deepEqual(
    recorder.all('hashed').map((one) => one.failure ?? one.matches),
    [true, true, true, true, ...new Array(6).fill('disk-full')],
  );
  assert.ok(recorder.hasAllSlots);
  const second = await world.restart();
  await openAndCheck(world, second, 1, torrent.spec);
  assert.equal(second.last('opened').failure, 'disk-full', 'there is no space for the rest');
  fileSystem.capacityBytes = Number.POSITIVE_INFINITY;
  const again = await openAndCheck(world, second, 1, torrent.spec);
  assert.equal(again.have, '####......');
  await world.dispose();
});

test('when descriptors run out others are closed, and the work goes on', async () => {
  const world = await simDiskWorld(64, 16);
  const { recorder, fileSystem } = world;
  const files = Array.from({ length: 40 }, (_, index) => ({ path: `f${index}`, length: 10_000 }));
  const torrent = new TestTorrent({ directory: world.directory, files, pieceLength: 8 * BLOCK_LENGTH });
  await openAndCheck(world, recorder, 1, torrent.spec);
  fileSystem.maxOpenFiles = 3;
  await downloadAll(world, recorder, 1, torrent);
  assert.ok(recorder.all('hashed').every((one) => one.matches));
  assert.equal(recorder.all('file').length, 40);
  assert.equal(fileSystem.peakOpenCount, 3);
  fileSystem.maxOpenFiles = 0;
  recorder.check(1);
  recorder.disk.submit();
  await world.until(() => recorder.all('checked').length === 2);
  assert.equal(recorder.last('checked').failure, 'too-many-open-files');
  await world.dispose();
});

test('a check that meets an ill device says so, and keeps what it had found', async () => {
  const world = await simDiskWorld();
  const { recorder, fileSystem } = world;
  const torrent = new TestTorrent({
    directory: world.directory,
    files: [
      { path: 'a', length: 4 * BLOCK_LENGTH },
      { path: 'b', length: 4 * BLOCK_LENGTH },
    ],
  });
  plantFile(fileSystem, '/data/a', torrent.bytesOf(0));
  plantFile(fileSystem, '/data/b', torrent.bytesOf(1));
  recorder.open(1, torrent.spec);
  recorder.disk.submit();
  await world.until(() => recorder.all('opened').length === 1);
  fileSystem.failPath('/data/b', 'io-error');
  recorder.check(1);
  recorder.disk.submit();
  await world.until(() => recorder.all('checked').length === 1);
  assert.deepEqual(recorder.last('checked'), {
    what: 'checked',
    storage: 1,
    have: '##..',
    partials: [],
    failure: 'io-error',
  });
  fileSystem.failPath('/data/b', null);
  recorder.check(1);
  recorder.disk.submit();
  await world.until(() => recorder.all('checked').length === 2);
  assert.equal(recorder.last('checked').have, '####');
  await world.dispose();
});

test('a folder that goes away during a download is not made again', async () => {
  const world = await simDiskWorld();
  const { recorder, fileSystem } = world;
  const torrent = new TestTorrent({
    directory: `${world.directory}/mount`,
    files: [{ path: 'top/a', length: 4 * BLOCK_LENGTH }],
  });
  await openAndCheck(world, recorder, 1, torrent.spec);
  fileSystem.removeDirectory(`${world.directory}/mount`);
  recorder.download(1, torrent, 0);
  recorder.disk.submit();
  await world.until(() => recorder.all('hashed').length === 1);
  assert.equal(recorder.last('hashed').failure, 'not-found');
  assert.equal(fileSystem.status(`${world.directory}/mount`), null);
  await world.dispose();
});

test('a read-only device fails the first write with a code of its own', async () => {
  const world = await simDiskWorld();
  const { recorder, fileSystem } = world;
  const torrent = new TestTorrent({
    directory: world.directory,
    files: [{ path: 'a', length: 4 * BLOCK_LENGTH }],
  });
  fileSystem.isReadOnly = true;
  await openAndCheck(world, recorder, 1, torrent.spec);
  recorder.download(1, torrent, 0);
  recorder.disk.submit();
  await world.until(() => recorder.all('hashed').length === 1);
  assert.equal(recorder.last('hashed').failure, 'read-only');
  await world.dispose();
});

test('100,000 files open, download, and check with few descriptors', async () => {
  const world = await simDiskWorld(64);
  const { recorder, fileSystem } = world;
  const files = Array.from({ length: 100_000 }, (_, index) => ({
    path: `top/${index % 100}/${index}`,
    length: index % 5 === 0 ? 0 : 37,
  }));
  const torrent = new TestTorrent({ directory: world.directory, files, pieceLength: 16 * BLOCK_LENGTH });
  const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
  assert.equal(have, '.'.repeat(12));
  const calls = fileSystem.callCount;
  assert.ok(
    calls < 120_000,
    `${calls} calls to open and check nothing: folders that are missing answer for all`,
  );
  await downloadAll(world, recorder, 1, torrent);
  assert.equal(recorder.all('file').length, 100_000);
  assert.ok(recorder.all('file').every((one) => one.failure === null));
  assert.ok(fileSystem.peakOpenCount <= 65, `${fileSystem.peakOpenCount} open`);
  const second = await world.restart();
  const again = await openAndCheck(world, second, 1, torrent.spec);
  assert.equal(again.have, '#'.repeat(12));
  await world.dispose();
});

test('a sparse file of 5 GiB costs what is in it', async () => {
  const world = await simDiskWorld();
  const { recorder, fileSystem } = world;
  const pieceLength = 64 * BLOCK_LENGTH;
  const torrent = new TestTorrent({
    directory: world.directory,
    files: [{ path: 'a', length: pieceLength }],
    pieceLength,
  });
  const pieceHashes = new Uint8Array(20 * 5120);
  pieceHashes.set(torrent.spec.pieceHashes, 20 * 4500);
  const spec = torrent.with({ files: [{ ...torrent.spec.files[0]!, length: 5 * 2 ** 30 }], pieceHashes });
  plantFile(fileSystem, '/data/a.part', randomBytes(100, 1));
  const handle = fileSystem.open('/data/a.part', 'write');
  handle.truncate(5 * 2 ** 30);
  handle.write(4500 * pieceLength, [torrent.content]);
  handle.close();
  const { have } = await openAndCheck(world, recorder, 1, spec);
  assert.equal(have.indexOf('#'), 4500);
  assert.equal(have.replaceAll('.', ''), '#');
  assert.ok(recorder.all('progress').length <= 201);
  await world.dispose();
});
