/**
 * Owns the suite of what a disk leaves where: names, selection, what exists already, and whose it is. Run
 * against the worker and the simulator.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BLOCK_LENGTH } from '../../src/base/numbers.ts';
import type { FileSystem } from '../../src/ports/file-system.ts';
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
} from './disk-world.ts';

type Body = (world: DiskWorld, recorder: DiskRecorder) => Promise<void>;
type Check = (title: string, body: Body) => void;

/** Runs the suite; `make` makes a fresh world for each test. */
export function diskFiles(name: string, make: MakeDiskWorld): void {
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
  describe(`files of the ${name} disk`, () => {
    names(check);
    existing(check);
    foreign(check);
    selection(check);
    special(check);
    space(check);
  });
}

/** Piece 0: a. Piece 1: end of a, b, c, beginning of d. Pieces 2 and 3: rest of d. */
function mixedTorrent(directory: string): TestTorrent {
  return new TestTorrent({
    directory,
    files: [
      { path: 'top/a', length: 2 * BLOCK_LENGTH + 5000 },
      { path: 'top/sub/b', length: 3000 },
      { path: 'top/empty', length: 0 },
      { path: 'top/c', length: 4000 },
      { path: 'top/d', length: 5 * BLOCK_LENGTH },
    ],
  });
}

const EVERYTHING = ['top/a', 'top/c', 'top/d', 'top/empty', 'top/sub/b'];

/** Relative paths of the files that exist among the torrent's and those beside them. */
function present(fileSystem: FileSystem, directory: string, torrent: TestTorrent): string[] {
  const candidates = torrent.spec.files.flatMap((file) => [file.path, `${file.path}.part`]);
  candidates.push(torrent.spec.partsPath);
  return candidates.filter((path) => fileSystem.status(`${directory}/${path}`) !== null).sort();
}

function assertContents(world: DiskWorld, torrent: TestTorrent): void {
  torrent.spec.files.forEach((file, index) => {
    if (file.isPadding || file.symlinkTarget !== null) return;
    assert.deepEqual(
      readFile(world.fileSystem, `${world.directory}/${file.path}`),
      Uint8Array.from(torrent.bytesOf(index)),
      file.path,
    );
  });
}

function completedFiles(recorder: DiskRecorder): number[] {
  return recorder.all('file').map((one) => one.file);
}

function names(check: Check): void {
  check('open makes the directory and nothing in it', async (world, recorder) => {
    const directory = `${world.directory}/new/deep`;
    recorder.open(1, mixedTorrent(directory).spec);
    recorder.disk.submit();
    await world.until(() => recorder.all('opened').length === 1);
    assert.equal(world.fileSystem.status(directory)?.kind, 'directory');
    assert.equal(world.fileSystem.status(`${directory}/top`), null);
  });

  check(
    'files carry .part until they are verified, then their names, empty ones too',
    async (world, recorder) => {
      const torrent = mixedTorrent(world.directory);
      await openAndCheck(world, recorder, 1, torrent.spec);
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['top/empty']);
      await downloadAll(world, recorder, 1, torrent, [0]);
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['top/a.part', 'top/empty']);
      assert.equal(
        world.fileSystem.status(`${world.directory}/top/a.part`)!.length,
        2 * BLOCK_LENGTH + 5000,
        'sparse to its full length at its first write',
      );
      await downloadAll(world, recorder, 1, torrent, [1, 2]);
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), [
        'top/a',
        'top/c',
        'top/d.part',
        'top/empty',
        'top/sub/b',
      ]);
      await downloadAll(world, recorder, 1, torrent, [3]);
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), EVERYTHING);
      assert.deepEqual(completedFiles(recorder), [2, 0, 1, 3, 4]);
      assertContents(world, torrent);
    },
  );

  check('a completed file is told before the hash that completed it', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent);
    const kinds = recorder.completions
      .map((one) => one.what)
      .filter((what) => what === 'file' || what === 'hashed');
    assert.deepEqual(kinds, ['file', 'hashed', 'file', 'file', 'file', 'hashed', 'hashed', 'file', 'hashed']);
  });

  check('a torrent with both `x` and `x.part` keeps them apart', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [
        { path: 'x', length: 2 * BLOCK_LENGTH },
        { path: 'X.part', length: 2 * BLOCK_LENGTH },
      ],
    });
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent, [1, 0]);
    assertContents(world, torrent);
    assert.deepEqual(completedFiles(recorder), [1, 0]);
  });

  check('an executable file is made executable', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [{ path: 'run', length: 10, isExecutable: true }],
    });
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent);
    assert.deepEqual(recorder.last('file').failure, null);
    assert.deepEqual(readFile(world.fileSystem, `${world.directory}/run`), torrent.content);
  });
}

function existing(check: Check): void {
  check('a restart goes on from the .part files', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent, [1, 3]);
    const second = await world.restart();
    const { have, failure } = await openAndCheck(world, second, 1, torrent.spec);
    assert.equal(failure, null);
    assert.equal(have, '.#.#');
    await downloadAll(world, second, 1, torrent, [0, 2]);
    assertContents(world, torrent);
    await release(world, second, 1);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), EVERYTHING);
  });

  check('complete data verifies, keeps its names and is reported', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    torrent.spec.files.forEach((file, index) => {
      plantFile(world.fileSystem, `${world.directory}/${file.path}`, torrent.bytesOf(index));
    });
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '####');
    assert.deepEqual(completedFiles(recorder), [0, 1, 2, 3, 4]);
    assert.ok(recorder.all('file').every((one) => one.failure === null));
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), EVERYTHING);
  });

  check('complete .part files get their names', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    torrent.spec.files.forEach((file, index) => {
      if (file.length === 0) return;
      plantFile(world.fileSystem, `${world.directory}/${file.path}.part`, torrent.bytesOf(index));
    });
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '####');
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), EVERYTHING);
  });

  check(
    'an incomplete file under its final name keeps it until it is written to',
    async (world, recorder) => {
      const torrent = new TestTorrent({
        directory: world.directory,
        files: [{ path: 'd', length: 5 * BLOCK_LENGTH }],
      });
      const damaged = Uint8Array.from(torrent.content);
      damaged[3 * BLOCK_LENGTH]! ^= 1;
      plantFile(world.fileSystem, `${world.directory}/d`, damaged);
      const { have, failure } = await openAndCheck(world, recorder, 1, torrent.spec);
      assert.equal(failure, null);
      assert.equal(have, '#.#');
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['d']);
      recorder.write(1, torrent, 1, 0);
      recorder.read(1, 1, 0, 10);
      recorder.disk.submit();
      await world.until(() => recorder.all('read').length === 1);
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['d.part']);
      await downloadAll(world, recorder, 1, torrent, [1]);
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['d']);
      assertContents(world, torrent);
    },
  );

  check('a file that is too long is cut once it is verified', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [{ path: 'd', length: 2 * BLOCK_LENGTH }],
    });
    const long = new Uint8Array(2 * BLOCK_LENGTH + 10);
    long.set(torrent.content);
    plantFile(world.fileSystem, `${world.directory}/d`, long);
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '#');
    assertContents(world, torrent);
  });

  check('a file of zeros verifies like any other', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [
        { path: 'pad', length: 4 * BLOCK_LENGTH + 9, isPadding: true },
        { path: 'd', length: 2 * BLOCK_LENGTH },
      ],
    });
    plantFile(world.fileSystem, `${world.directory}/d.part`, new Uint8Array(2 * BLOCK_LENGTH));
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '##..', 'pieces that are all padding are there; the zeros in d are not its content');
  });

  check('a torrent of nothing but empty files is complete after its check', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [
        { path: 'e/one', length: 0 },
        { path: 'e/two', length: 0 },
      ],
    });
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '');
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['e/one', 'e/two']);
  });
}

function foreign(check: Check): void {
  check(
    'a file of which nothing verifies is somebody else’s: nothing is written',
    async (world, recorder) => {
      const torrent = mixedTorrent(world.directory);
      const theirs = randomBytes(5 * BLOCK_LENGTH, 77);
      plantFile(world.fileSystem, `${world.directory}/top/d`, theirs);
      const { failure, have } = await openAndCheck(world, recorder, 1, torrent.spec);
      assert.equal(failure, 'foreign-data');
      assert.equal(have, '....');
      assert.deepEqual(recorder.details, [`${world.directory}/top/d`]);
      recorder.download(1, torrent, 0);
      recorder.disk.submit();
      await world.until(() => recorder.all('hashed').length === 1);
      assert.equal(recorder.last('hashed').failure, 'foreign-data');
      await release(world, recorder, 1);
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['top/d']);
      assert.deepEqual(readFile(world.fileSystem, `${world.directory}/top/d`), theirs);
    },
  );

  check('with overwrite it is replaced, once ours is verified', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    const theirs = randomBytes(5 * BLOCK_LENGTH, 77);
    plantFile(world.fileSystem, `${world.directory}/top/d`, theirs);
    plantFile(world.fileSystem, `${world.directory}/top/empty`, randomBytes(5, 1));
    const { failure } = await openAndCheck(world, recorder, 1, torrent.with({ overwrite: true }));
    assert.equal(failure, null);
    await downloadAll(world, recorder, 1, torrent, [1, 2]);
    assert.deepEqual(readFile(world.fileSystem, `${world.directory}/top/d`), theirs);
    await downloadAll(world, recorder, 1, torrent, [0, 3]);
    assertContents(world, torrent);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), EVERYTHING);
  });

  check('a file where an empty one belongs is foreign', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    plantFile(world.fileSystem, `${world.directory}/top/empty`, randomBytes(5, 1));
    const { failure } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(failure, 'foreign-data');
    assert.equal(world.fileSystem.status(`${world.directory}/top/empty`)!.length, 5);
  });

  check(
    'a small file of another length is foreign though no piece of it could be hashed',
    async (world, recorder) => {
      const torrent = mixedTorrent(world.directory);
      plantFile(world.fileSystem, `${world.directory}/top/c`, randomBytes(4001, 1));
      const { failure } = await openAndCheck(world, recorder, 1, torrent.spec);
      assert.equal(failure, 'foreign-data');
    },
  );

  check(
    'a small file that could not be hashed stays, and is kept when it is the same',
    async (world, recorder) => {
      const torrent = mixedTorrent(world.directory);
      plantFile(world.fileSystem, `${world.directory}/top/c`, torrent.bytesOf(3));
      const { failure } = await openAndCheck(world, recorder, 1, torrent.spec);
      assert.equal(failure, null);
      await downloadAll(world, recorder, 1, torrent);
      assert.ok(recorder.all('file').every((one) => one.failure === null));
      assert.deepEqual(present(world.fileSystem, world.directory, torrent), EVERYTHING);
    },
  );

  check(
    'a small file that could not be hashed stays, and stops its file when it differs',
    async (world, recorder) => {
      const torrent = mixedTorrent(world.directory);
      const theirs = randomBytes(4000, 5);
      plantFile(world.fileSystem, `${world.directory}/top/c`, theirs);
      await openAndCheck(world, recorder, 1, torrent.spec);
      await downloadAll(world, recorder, 1, torrent);
      assert.deepEqual(
        recorder.all('file').map((one) => [one.file, one.failure]),
        [
          [2, null],
          [0, null],
          [1, null],
          [3, 'foreign-data'],
          [4, null],
        ],
      );
      assert.deepEqual(readFile(world.fileSystem, `${world.directory}/top/c`), theirs);
      assert.notEqual(world.fileSystem.status(`${world.directory}/top/c.part`), null);
    },
  );

  check('a file that stands beside its .part file is foreign', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    plantFile(world.fileSystem, `${world.directory}/top/d.part`, torrent.bytesOf(4));
    plantFile(world.fileSystem, `${world.directory}/top/d`, randomBytes(6, 1));
    const { failure, have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(failure, 'foreign-data');
    assert.equal(have, '..##');
  });

  check(
    'a folder in place of a file, and a file in place of a folder, stop the open',
    async (world, recorder) => {
      const torrent = mixedTorrent(world.directory);
      world.fileSystem.makeDirectory(`${world.directory}/top/a`);
      recorder.open(1, torrent.spec);
      plantFile(world.fileSystem, `${world.directory}/other/top/sub`, randomBytes(1, 1));
      recorder.open(2, mixedTorrent(`${world.directory}/other`).spec);
      recorder.disk.submit();
      await world.until(() => recorder.all('opened').length === 2);
      assert.deepEqual(
        recorder.all('opened').map((one) => one.failure),
        ['is-a-directory', 'not-a-directory'],
      );
    },
  );

  check('links that lead out of the directory are refused, those within are not', async (world, recorder) => {
    const inside = `${world.directory}/inside`;
    const torrent = mixedTorrent(inside);
    world.fileSystem.makeDirectory(`${world.directory}/outside/sub`);
    world.fileSystem.makeDirectory(`${inside}/top`);
    world.fileSystem.symlink('../../outside', `${inside}/top/sub`);
    recorder.open(1, torrent.spec);
    recorder.disk.submit();
    await world.until(() => recorder.all('opened').length === 1);
    assert.equal(recorder.last('opened').failure, 'access-denied');
    world.fileSystem.remove(`${inside}/top/sub`);
    world.fileSystem.makeDirectory(`${inside}/elsewhere`);
    world.fileSystem.symlink('../elsewhere', `${inside}/top/sub`);
    world.fileSystem.symlink('inside', `${world.directory}/entry`);
    const linked = torrent.with({ directory: `${world.directory}/entry` });
    await openAndCheck(world, recorder, 1, linked);
    await downloadAll(world, recorder, 1, torrent);
    assert.deepEqual(
      readFile(world.fileSystem, `${inside}/elsewhere/b`),
      Uint8Array.from(torrent.bytesOf(1)),
    );
  });

  check('a .part name that is a link is not followed', async (world, recorder) => {
    const torrent = mixedTorrent(`${world.directory}/inside`);
    world.fileSystem.makeDirectory(`${world.directory}/inside/top`);
    world.fileSystem.symlink('../../victim', `${world.directory}/inside/top/a.part`);
    await openAndCheck(world, recorder, 1, torrent.spec);
    recorder.download(1, torrent, 0);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === 1);
    assert.equal(recorder.last('hashed').failure, 'access-denied');
    assert.equal(world.fileSystem.status(`${world.directory}/victim`), null);
  });
}

function selection(check: Check): void {
  check('unwanted files are not made; their bytes in border pieces go aside', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    const spec = torrent.selecting([3]);
    await openAndCheck(world, recorder, 1, spec);
    await downloadAll(world, recorder, 1, torrent, [1]);
    assert.ok(recorder.last('hashed').matches);
    assert.deepEqual(completedFiles(recorder), [3]);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['.parts/parts', 'top/c']);
    recorder.read(1, 1, 0, BLOCK_LENGTH);
    recorder.disk.submit();
    await world.until(() => recorder.all('read').length === 1);
    assert.deepEqual(recorder.last('read').bytes, Uint8Array.from(torrent.bytesOfBlock(1, 0)));
    await release(world, recorder, 1);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['top/c']);
    assert.equal(world.fileSystem.status(`${world.directory}/.parts`), null);
  });

  check('what was kept aside verifies border pieces after a restart', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    const spec = torrent.selecting([1, 4]);
    await openAndCheck(world, recorder, 1, spec);
    await downloadAll(world, recorder, 1, torrent, [1]);
    const second = await world.restart();
    assert.notEqual(world.fileSystem.status(`${world.directory}/.parts/parts`), null);
    const { have, failure } = await openAndCheck(world, second, 1, spec);
    assert.equal(failure, null);
    assert.equal(have, '.#..');
    await downloadAll(world, second, 1, torrent, [2, 3]);
    await release(world, second, 1);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['top/d', 'top/sub/b']);
  });

  check('the same selection again is complete without a word of foreign data', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    const spec = torrent.selecting([3]);
    await openAndCheck(world, recorder, 1, spec);
    await downloadAll(world, recorder, 1, torrent, [1]);
    const second = await world.restart();
    const { failure } = await openAndCheck(world, second, 1, spec);
    assert.equal(failure, null);
    await downloadAll(world, second, 1, torrent, [1]);
    assert.equal(second.last('file').failure, null);
    await release(world, second, 1);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['top/c']);
  });

  check('an unwanted file that exists serves its bytes and is left alone', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    for (const index of [0, 1, 4]) {
      plantFile(
        world.fileSystem,
        `${world.directory}/${torrent.spec.files[index]!.path}`,
        torrent.bytesOf(index),
      );
    }
    plantFile(world.fileSystem, `${world.directory}/top/c.part`, torrent.bytesOf(3));
    const { have, failure } = await openAndCheck(world, recorder, 1, torrent.selecting([3]));
    assert.equal(failure, null);
    assert.equal(have, '####');
    assert.deepEqual(completedFiles(recorder), [3]);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), [
      'top/a',
      'top/c',
      'top/d',
      'top/sub/b',
    ]);
  });

  check('a stale parts file is removed when all is verified', async (world, recorder) => {
    const torrent = mixedTorrent(world.directory);
    plantFile(world.fileSystem, `${world.directory}/.parts/parts`, randomBytes(100_000, 3));
    const { failure } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(failure, null);
    await downloadAll(world, recorder, 1, torrent);
    await release(world, recorder, 1);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), EVERYTHING);
  });
}

function special(check: Check): void {
  check('padding is never stored and reads as zeros', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [
        { path: 'a', length: BLOCK_LENGTH + 100 },
        { path: '.pad/1', length: BLOCK_LENGTH - 100, isPadding: true, isWanted: false },
        { path: 'b', length: 300 },
      ],
    });
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent);
    recorder.read(1, 0, BLOCK_LENGTH, BLOCK_LENGTH);
    recorder.disk.submit();
    await world.until(() => recorder.all('read').length === 1);
    assert.deepEqual(recorder.last('read').bytes, Uint8Array.from(torrent.bytesOfBlock(0, 1)));
    await release(world, recorder, 1);
    assert.deepEqual(present(world.fileSystem, world.directory, torrent), ['a', 'b']);
    const { have } = await openAndCheck(world, recorder, 1, torrent.spec);
    assert.equal(have, '##');
  });

  check('links of the torrent are made once everything wanted is verified', async (world, recorder) => {
    const torrent = new TestTorrent({
      directory: world.directory,
      files: [
        { path: 't/bin/tool', length: 10 },
        { path: 't/lib/link', length: 0, symlinkTarget: 't/bin/tool' },
        { path: 't/z', length: 2 * BLOCK_LENGTH },
      ],
    });
    await openAndCheck(world, recorder, 1, torrent.spec);
    await downloadAll(world, recorder, 1, torrent, [0]);
    assert.equal(world.fileSystem.status(`${world.directory}/t/lib/link`), null);
    await downloadAll(world, recorder, 1, torrent, [1]);
    assert.equal(
      world.fileSystem.realPath(`${world.directory}/t/lib/link`),
      world.fileSystem.realPath(`${world.directory}/t/bin/tool`),
    );
    assert.deepEqual(completedFiles(recorder), [0, 2, 1]);
    await release(world, recorder, 1);
    await openAndCheck(world, recorder, 1, torrent.spec);
    assert.ok(recorder.all('file').every((one) => one.failure === null));
  });

  check('blocks beyond 4 GiB land where they belong, in a sparse file', async (world, recorder) => {
    const directory = world.directory;
    const pieceLength = 1 << 20;
    const length = 5 * 2 ** 30;
    const pieceCount = length / pieceLength;
    const piece = 4096 + 3;
    const small = new TestTorrent({ directory, files: [{ path: 'x', length: pieceLength }], pieceLength });
    const pieceHashes = new Uint8Array(20 * pieceCount).fill(1);
    pieceHashes.set(small.spec.pieceHashes, 20 * piece);
    const file = { ...small.spec.files[0]!, path: 'huge', length };
    const spec = { ...small.spec, files: [file], pieceHashes };
    await openAndCheck(world, recorder, 1, spec);
    for (let block = 0; block < small.layout.blockCount(0); block++) {
      recorder.write(1, small, piece, block, small.bytesOfBlock(0, block));
    }
    recorder.hash(1, piece);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length === 1);
    assert.ok(recorder.last('hashed').matches);
    const status = world.fileSystem.status(`${directory}/huge.part`)!;
    assert.equal(status.length, length);
    assert.ok(status.allocatedBytes < 4 * pieceLength, `${status.allocatedBytes} bytes allocated`);
    const handle = world.fileSystem.open(`${directory}/huge.part`, 'read');
    const bytes = new Uint8Array(pieceLength);
    handle.read(piece * pieceLength, [bytes]);
    handle.close();
    assert.deepEqual(bytes, small.content);
  });
}

function space(check: Check): void {
  check('open fails when what is missing does not fit', async (world, recorder) => {
    const pieceLength = 2 ** 30;
    const file = { ...mixedTorrent(world.directory).spec.files[0]!, path: 'huge', length: 2 ** 52 };
    const spec = {
      ...mixedTorrent(world.directory).spec,
      files: [file],
      pieceLength,
      pieceHashes: new Uint8Array(20 * (2 ** 52 / pieceLength)),
    };
    recorder.open(1, spec);
    recorder.disk.submit();
    await world.until(() => recorder.all('opened').length === 1);
    assert.equal(recorder.last('opened').failure, 'disk-full');
    assert.match(recorder.details[0]!, new RegExp(`${2 ** 52} bytes needed`));
    // The same file, not wanted, needs nothing.
    const small = { ...file, path: 'small', length: 1 };
    recorder.open(1, {
      ...spec,
      files: [{ ...file, isWanted: false }, small],
      pieceHashes: new Uint8Array(20 * (2 ** 52 / pieceLength + 1)),
    });
    recorder.disk.submit();
    await world.until(() => recorder.all('opened').length === 2);
    assert.equal(recorder.last('opened').failure, null);
  });
}
