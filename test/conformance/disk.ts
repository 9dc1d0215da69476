/**
 * Owns the conformance suite of the `Disk` port: each clause of the contract in `src/ports/disk.ts`, run
 * against the worker and the simulator. What lies where on disk is in `disk-files.ts`.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BLOCK_LENGTH } from '../../src/base/numbers.ts';
import type { DiskRecorder } from './disk-recorder.ts';
import { randomBytes, sha1, TestTorrent } from './disk-torrent.ts';
import {
  type DiskWorld,
  downloadAll,
  type MakeDiskWorld,
  openAndCheck,
  plantFile,
  readFile,
  release,
} from './disk-world.ts';

type Body = (world: DiskWorld, recorder: DiskRecorder) => Promise<void>;
type Check = (title: string, body: Body, slotCount?: number) => void;

/** Runs the suite; `make` makes a fresh world for each test. */
export function diskConformance(name: string, make: MakeDiskWorld): void {
  const check: Check = (title, body, slotCount) => {
    test(title, async () => {
      const world = await make(slotCount);
      try {
        await body(world, world.recorder);
      } finally {
        await world.dispose();
      }
    });
  };
  describe(`the ${name} disk`, () => {
    calls(check);
    hashing(check);
    rewriting(check);
    reading(check);
    fences(check);
    failing(check);
    closing(check);
  });
}

/** Two files in four pieces of two blocks; the last piece is short. */
function smallTorrent(directory: string): TestTorrent {
  return new TestTorrent({
    directory,
    files: [
      { path: 'top/a', length: 3 * BLOCK_LENGTH + 100 },
      { path: 'top/b', length: 3 * BLOCK_LENGTH + 200 },
    ],
  });
}

function calls(check: Check): void {
  check('1: nothing happens before submit, and nothing completes inside a call', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    recorder.open(1, torrent.spec);
    await assert.rejects(brieflyUntil(world, () => recorder.completions.length > 0));
    recorder.disk.submit();
    assert.equal(recorder.completions.length, 0);
    await world.until(() => recorder.completions.length > 0);
    assert.deepEqual(recorder.completions, [{ what: 'opened', storage: 1, failure: null }]);
  });

  check('1: many completions come in few batches', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    const batches = recorder.batches;
    for (let piece = 0; piece < torrent.pieceCount; piece++) recorder.download(1, torrent, piece);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === torrent.pieceCount);
    assert.ok(recorder.batches - batches <= 2, `${recorder.batches - batches} batches`);
  });

  check('3: each slot comes back once, also when nothing is hashed', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.write(1, torrent, 0, 1);
    recorder.write(1, torrent, 1, 0);
    recorder.write(1, torrent, 2, 1);
    recorder.disk.submit();
    await world.until(() => recorder.all('written').length === 3);
    assert.ok(recorder.hasAllSlots);
  });

  check(
    '3: more blocks are out of order than the disk may hold back',
    async (world, recorder) => {
      const torrent = new TestTorrent({
        directory: world.directory,
        files: [{ path: 'a', length: 40 * BLOCK_LENGTH - 7 }],
        pieceLength: 20 * BLOCK_LENGTH,
      });
      await openAndCheck(world, recorder, 1, torrent.spec);
      for (const piece of [0, 1]) {
        for (let block = 19; block >= 0; block--) {
          recorder.write(1, torrent, piece, block);
          recorder.disk.submit();
          await world.until(() => recorder.arena.freeCount > 0);
        }
        recorder.hash(1, piece);
      }
      recorder.disk.submit();
      await world.until(() => recorder.all('hashed').length === 2);
      assert.deepEqual(
        recorder.all('hashed').map((one) => one.matches),
        [true, true],
      );
      assert.deepEqual(readFile(world.fileSystem, `${world.directory}/a`), torrent.content);
    },
    8,
  );
}

function hashing(check: Check): void {
  check('2, 4: a download in any order of blocks verifies and lies in its files', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '....');
    recorder.download(1, torrent, 3);
    recorder.download(1, torrent, 0, [1, 0]);
    recorder.download(1, torrent, 2, [1, 0]);
    recorder.download(1, torrent, 1);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === 4);
    assert.deepEqual(
      recorder.all('hashed').map((one) => [one.piece, one.matches]),
      [
        [3, true],
        [0, true],
        [2, true],
        [1, true],
      ],
    );
    assert.deepEqual(readFile(world.fileSystem, `${world.directory}/top/a`), torrent.bytesOf(0));
    assert.deepEqual(readFile(world.fileSystem, `${world.directory}/top/b`), torrent.bytesOf(1));
  });

  check('4: all blocks of a piece came back before its hash is told', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.download(1, torrent, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === 1);
    const kinds = recorder.completions.map((one) => one.what).filter((what) => what !== 'progress');
    assert.deepEqual(kinds, ['opened', 'checked', 'written', 'written', 'hashed']);
  });

  check('4: a piece that does not match is fetched again from scratch', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.write(1, torrent, 0, 0, randomBytes(BLOCK_LENGTH, 9));
    recorder.write(1, torrent, 0, 1);
    recorder.hash(1, 0);
    recorder.download(1, torrent, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === 2);
    assert.deepEqual(
      recorder.all('hashed').map((one) => [one.matches, one.failure]),
      [
        [false, null],
        [true, null],
      ],
    );
  });

  check('4: a piece of which blocks are missing does not match', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.hash(1, 0);
    recorder.write(1, torrent, 1, 1);
    recorder.hash(1, 1);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === 2);
    assert.deepEqual(
      recorder.all('hashed').map((one) => one.matches),
      [false, false],
    );
  });

  check('block digests tell which block was bad', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    const bad = randomBytes(BLOCK_LENGTH, 9);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.write(1, torrent, 0, 0);
    recorder.write(1, torrent, 0, 1, bad);
    recorder.hash(1, 0);
    recorder.blockDigests(1, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('digests').length === 1);
    const { digests, failure } = recorder.last('digests');
    assert.equal(failure, null);
    assert.deepEqual(Buffer.from(digests.subarray(0, 20)), sha1(torrent.bytesOfBlock(0, 0)));
    assert.deepEqual(Buffer.from(digests.subarray(20)), sha1(bad));
  });
}

function rewriting(check: Check): void {
  check(
    '2: a block that is replaced after it was hashed counts with its new bytes',
    async (world, recorder) => {
      const torrent = smallTorrent(world.directory);
      await openAndCheck(world, recorder, 1, torrent.spec);
      recorder.write(1, torrent, 0, 0, randomBytes(BLOCK_LENGTH, 9));
      recorder.write(1, torrent, 0, 0);
      recorder.write(1, torrent, 0, 1);
      recorder.hash(1, 0);
      recorder.write(1, torrent, 1, 0);
      recorder.write(1, torrent, 1, 1);
      recorder.write(1, torrent, 1, 0, randomBytes(BLOCK_LENGTH, 9));
      recorder.hash(1, 1);
      recorder.disk.submit();
      await world.until(() => recorder.all('hashed').length === 2);
      assert.deepEqual(
        recorder.all('hashed').map((one) => one.matches),
        [true, false],
      );
      assert.equal(recorder.all('written').length, 6);
      assert.ok(recorder.hasAllSlots);
    },
  );

  check(
    '2: a block that is replaced after it was written counts with its new bytes',
    async (world, recorder) => {
      const torrent = new TestTorrent({
        directory: world.directory,
        files: [{ path: 'a', length: 3 * BLOCK_LENGTH }],
        pieceLength: 3 * BLOCK_LENGTH,
      });
      await openAndCheck(world, recorder, 1, torrent.spec);
      recorder.write(1, torrent, 0, 0, randomBytes(BLOCK_LENGTH, 9));
      recorder.write(1, torrent, 0, 2);
      recorder.disk.submit();
      await world.until(() => recorder.all('written').length === 2);
      recorder.write(1, torrent, 0, 1);
      recorder.write(1, torrent, 0, 0);
      recorder.hash(1, 0);
      recorder.disk.submit();
      await world.until(() => recorder.all('hashed').length === 1);
      assert.ok(recorder.last('hashed').matches);
      assert.deepEqual(readFile(world.fileSystem, `${world.directory}/a`), torrent.content);
    },
  );

  check('a late write does not touch a verified piece', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent);
    recorder.write(1, torrent, 0, 0, randomBytes(BLOCK_LENGTH, 9));
    recorder.hash(1, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === torrent.pieceCount + 1);
    assert.ok(recorder.last('hashed').matches);
    assert.deepEqual(readFile(world.fileSystem, `${world.directory}/top/a`), torrent.bytesOf(0));
  });
}

function reading(check: Check): void {
  check('2: a read sees the writes submitted before it', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.write(1, torrent, 1, 1);
    recorder.read(1, 1, BLOCK_LENGTH, BLOCK_LENGTH);
    recorder.read(1, 1, BLOCK_LENGTH + 50, 1000);
    recorder.disk.submit();
    await world.until(() => recorder.all('read').length === 2);
    const [whole, part] = recorder.all('read');
    assert.equal(whole!.failure, null);
    assert.deepEqual(whole!.bytes, Uint8Array.from(torrent.bytesOfBlock(1, 1)));
    assert.deepEqual(part!.bytes, Uint8Array.from(torrent.bytesOfBlock(1, 1).subarray(50, 1050)));
  });

  check('a read across the border of two files is one read', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent);
    recorder.read(1, 1, BLOCK_LENGTH, BLOCK_LENGTH);
    recorder.disk.submit();
    await world.until(() => recorder.all('read').length === 1);
    assert.deepEqual(recorder.last('read').bytes, Uint8Array.from(torrent.bytesOfBlock(1, 1)));
  });

  check('a read of what is not there fails and gives the slot back', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.read(1, 0, 0, BLOCK_LENGTH);
    recorder.blockDigests(1, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('digests').length === 1);
    assert.equal(recorder.last('read').failure, 'changed');
    assert.equal(recorder.last('digests').failure, 'changed');
    assert.equal(recorder.last('digests').digests.length, 0);
  });
}

function fences(check: Check): void {
  check('5: what is submitted behind a fence runs after it, in order', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    recorder.open(1, torrent.spec);
    recorder.check(1);
    recorder.download(1, torrent, 0);
    recorder.check(1);
    recorder.download(1, torrent, 1);
    recorder.release(1);
    recorder.disk.submit();
    await world.until(() => recorder.all('released').length === 1);
    const order = recorder.completions
      .filter((one) => one.what !== 'written' && one.what !== 'progress')
      .map((one) => one.what);
    assert.equal(order[0], 'opened');
    assert.equal(order.at(-1), 'released');
    assert.deepEqual(
      order.filter((what) => what === 'hashed' || what === 'checked'),
      ['checked', 'hashed', 'checked', 'hashed'],
    );
  });

  check('5: a check finishes the writes before it, and sees them', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    for (const block of [1, 0]) recorder.write(1, torrent, 1, block);
    recorder.write(1, torrent, 0, 1);
    recorder.check(1);
    recorder.disk.submit();
    await world.until(() => recorder.all('checked').length === 2);
    assert.equal(recorder.last('checked').have, '.#..');
    assert.ok(recorder.hasAllSlots);
  });

  check('5: other storages go on during a check', async (world, recorder) => {
    const large = new TestTorrent({
      directory: world.directory,
      files: [{ path: 'large', length: 8 * 1024 * 1024 }],
      pieceLength: 1024 * 1024,
    });
    plantFile(world.fileSystem, `${world.directory}/large`, large.content);
    const small = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, small.spec);
    recorder.open(2, large.spec);
    recorder.check(2);
    recorder.download(1, small, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('checked').length === 2);
    const at = (predicate: (one: (typeof recorder.completions)[number]) => boolean): number =>
      recorder.completions.findIndex(predicate);
    assert.ok(at((one) => one.what === 'hashed') < at((one) => one.what === 'checked' && one.storage === 2));
    assert.equal(recorder.last('checked').have, '########');
    const progress = recorder.all('progress').filter((one) => one.storage === 2);
    assert.deepEqual(
      progress.map((one) => one.pieces),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  check('release cuts a check short, and what waited still completes', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [{ path: 'large', length: 16 * 1024 * 1024 }],
      pieceLength: 1024 * 1024,
    });
    plantFile(world.fileSystem, `${world.directory}/large`, torrent.content);
    recorder.open(1, torrent.spec);
    recorder.disk.submit();
    await world.until(() => recorder.all('opened').length === 1);
    recorder.check(1);
    recorder.write(1, torrent, 0, 0);
    recorder.release(1);
    recorder.disk.submit();
    await world.until(() => recorder.all('released').length === 1);
    assert.equal(recorder.last('checked').failure, 'aborted');
    assert.equal(recorder.all('written').length, 1);
    assert.equal(recorder.last('released').failure, null);
  });

  check(
    'after release the id is free, and stray commands complete with a failure',
    async (world, recorder) => {
      const torrent = smallTorrent(world.directory);
      await openAndCheck(world, recorder, 1, torrent.spec);
      await downloadAll(world, recorder, 1, torrent, [0]);
      await release(world, recorder, 1);
      recorder.download(1, torrent, 1);
      recorder.read(1, 0, 0, 10);
      recorder.blockDigests(1, 0);
      recorder.check(1);
      recorder.release(1);
      recorder.disk.submit();
      await world.until(() => recorder.all('released').length === 2);
      const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
      assert.equal(have, '#...');
      const codes = recorder.completions
        .filter((one) => 'failure' in one && one.failure !== null)
        .map((one) => [one.what, 'failure' in one ? one.failure : null]);
      assert.deepEqual(codes, [
        ['written', 'closed'],
        ['written', 'closed'],
        ['hashed', 'closed'],
        ['read', 'closed'],
        ['digests', 'closed'],
        ['checked', 'closed'],
      ]);
    },
  );
}

function failing(check: Check): void {
  check('6, 7: after a failed write everything fails fast until a check', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent, [0]);
    // A folder stands where the second file's incomplete name would go.
    world.fileSystem.makeDirectory(`${world.directory}/top/b.part/in the way`);
    recorder.download(1, torrent, 3);
    recorder.download(1, torrent, 1);
    recorder.read(1, 0, 0, BLOCK_LENGTH);
    recorder.read(1, 1, 0, BLOCK_LENGTH);
    recorder.disk.submit();
    await world.until(() => recorder.all('read').length === 2);
    assert.deepEqual(
      recorder.all('hashed').map((one) => [one.piece, one.matches, one.failure]),
      [
        [0, true, null],
        [3, false, 'is-a-directory'],
        [1, false, 'is-a-directory'],
      ],
    );
    assert.deepEqual(
      recorder
        .all('written')
        .slice(2)
        .map((one) => one.failure),
      ['is-a-directory', 'is-a-directory', 'is-a-directory'],
    );
    // What was verified can still be read; the rest fails as well.
    assert.deepEqual(
      recorder.all('read').map((one) => one.failure),
      [null, 'is-a-directory'],
    );
    world.fileSystem.removeDirectory(`${world.directory}/top/b.part/in the way`);
    world.fileSystem.removeDirectory(`${world.directory}/top/b.part`);
    recorder.check(1);
    recorder.disk.submit();
    await world.until(() => recorder.all('checked').length === 2);
    assert.deepEqual(recorder.last('checked').failure, null);
    assert.equal(recorder.last('checked').have, '#...');
    await downloadAll(world, recorder, 1, torrent, [1, 2, 3]);
    assert.ok(recorder.last('hashed').matches);
  });

  check('a failed open frees the id and fails what waited behind it', async (world, recorder) => {
    const torrent = smallTorrent(world.directory);
    plantFile(world.fileSystem, `${world.directory}/top`, randomBytes(10, 1));
    recorder.open(1, torrent.spec);
    recorder.check(1);
    recorder.write(1, torrent, 0, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('written').length === 1);
    assert.equal(recorder.last('opened').failure, 'not-a-directory');
    assert.equal(recorder.last('checked').failure, 'closed');
    assert.equal(recorder.last('written').failure, 'closed');
    world.fileSystem.remove(`${world.directory}/top`);
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '....');
  });
}

function closing(check: Check): void {
  check('8: close brings every slot back and releases every storage first', async (world, recorder) => {
    const one = smallTorrent(`${world.directory}/one`);
    const two = smallTorrent(`${world.directory}/two`);
    await openAndCheck(world, recorder, 1, one.spec);
    await openAndCheck(world, recorder, 2, two.spec);
    recorder.write(1, one, 0, 1);
    recorder.write(2, two, 2, 0);
    recorder.check(2);
    recorder.write(2, two, 1, 0);
    recorder.disk.close();
    recorder.disk.submit();
    await world.until(() => recorder.all('closed').length === 1);
    assert.equal(recorder.completions.at(-1)!.what, 'closed');
    assert.deepEqual(
      recorder.all('released').map((each) => [each.storage, each.failure]),
      [
        [1, null],
        [2, null],
      ],
    );
    assert.equal(recorder.all('written').length, 3);
    assert.ok(recorder.hasAllSlots);
  });

  check('8: close without any storage closes', async (world, recorder) => {
    recorder.disk.close();
    recorder.disk.submit();
    await world.until(() => recorder.all('closed').length === 1);
    assert.deepEqual(recorder.completions, [{ what: 'closed', storage: 0 }]);
  });
}

/** Waits a moment for what should not happen. */
async function brieflyUntil(world: DiskWorld, predicate: () => boolean): Promise<void> {
  for (let i = 0; i < 20; i++) {
    if (predicate()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`nothing in ${world.directory}`);
}
