/**
 * Owns the disk's memory under what only the simulator can do at will: the power fails at every call of a
 * download, a sync fails, every call of a download with snapshots fails once, a torrent has 100,000 files.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_LENGTH } from '../../src/base/numbers.ts';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import type { StorageSpec } from '../../src/ports/disk.ts';
import type { FailureCode } from '../../src/ports/failure.ts';
import type { ResumeData } from '../../src/ports/state-store.ts';
import { PowerFailure } from '../../src/sim/memory-file-system.ts';
import type { DiskRecorder } from './disk-recorder.ts';
import { TestTorrent } from './disk-torrent.ts';
import {
  downloadAll,
  openAndCheck,
  plantFile,
  readFile,
  release,
  type SimDiskWorld,
  simDiskWorld,
  snapshot,
} from './disk-world.ts';

/** A torrent of a few files, some small, some unwanted, by chance. */
function randomTorrent(directory: string, random: SeededRandom): { torrent: TestTorrent; spec: StorageSpec } {
  const files = Array.from({ length: 1 + random.below(4) }, (_, index) => ({
    path: `top/${index}`,
    length: random.below(2) === 0 ? random.below(9000) : random.below(6 * BLOCK_LENGTH),
    isWanted: index === 0 || random.below(4) > 0,
  }));
  files.push({ path: 'top/last', length: 1 + random.below(3 * BLOCK_LENGTH), isWanted: true });
  const torrent = new TestTorrent({ directory, files });
  return { torrent, spec: torrent.spec };
}

/** What outlives the process: the last snapshot that was delivered. */
interface Memory {
  resume: ResumeData | null;
}

/**
 * Some pieces in any order, blocks too, with a snapshot now and then, and a pause in the middle. Ends early
 * when the power fails.
 */
async function someDownload(
  world: SimDiskWorld,
  recorder: DiskRecorder,
  torrent: TestTorrent,
  spec: StorageSpec,
  random: SeededRandom,
  memory: Memory,
): Promise<void> {
  const remember = async (sync: boolean): Promise<void> => {
    const { resume } = await snapshot(world, recorder, 1, sync);
    if (sync && resume !== null) memory.resume = resume;
  };
  const { have } = await openAndCheck(world, recorder, 1, spec, memory.resume);
  const pieces = [...have].flatMap((bit, piece) => (bit === '#' ? [] : [piece]));
  shuffle(pieces, random);
  for (const piece of pieces) {
    const blocks = Array.from({ length: torrent.layout.blockCount(piece) }, (_, block) => block);
    shuffle(blocks, random);
    for (const block of blocks) {
      recorder.write(1, torrent, piece, block);
      if (random.below(5) === 0) await remember(random.below(3) > 0);
    }
    recorder.hash(1, piece);
    recorder.disk.submit();
    const next = random.below(3);
    if (next === 0) await remember(random.below(3) > 0);
    if (next === 1) await world.pause();
  }
  recorder.disk.submit();
  await remember(true);
  await release(world, recorder, 1);
}

/** Every piece that is claimed has its bytes, wherever they lie; every block of those that had begun, too. */
async function assertTrue(
  world: SimDiskWorld,
  recorder: DiskRecorder,
  torrent: TestTorrent,
  have: string,
): Promise<void> {
  for (let piece = 0; piece < have.length; piece++) {
    if (have[piece] !== '#') continue;
    for (let block = 0; block < torrent.layout.blockCount(piece); block++) {
      const before = recorder.all('read').length;
      const expected = torrent.bytesOfBlock(piece, block);
      recorder.read(1, piece, block * BLOCK_LENGTH, expected.length);
      recorder.disk.submit();
      await world.until(() => recorder.all('read').length > before);
      assert.deepEqual(
        recorder.last('read').bytes,
        Uint8Array.from(expected),
        `piece ${piece} is as claimed`,
      );
    }
  }
}

/** True when the power failed before the download was over. */
async function crashAt(seed: number, call: number): Promise<boolean> {
  const random = new SeededRandom(seed);
  const world = await simDiskWorld(64, 2, true);
  const { torrent, spec: firstSpec } = randomTorrent(world.directory, random);
  // Of a file that was finished and not synced all may be lost but its name. Whoever knows the torrent says
  // that it is ours.
  const spec = { ...firstSpec, overwrite: true };
  const memory: Memory = { resume: null };
  const chance = new SeededRandom(seed * 1000 + call);
  let recorder = world.recorder;
  let failures = 0;
  // Twice, so that what was found after one failure is claimed before the next.
  for (const at of [call, Math.floor(call / 2) + 20]) {
    world.fileSystem.failPowerAt(world.fileSystem.callCount + at);
    try {
      await someDownload(world, recorder, torrent, spec, random, memory);
    } catch (error) {
      if (!(error instanceof PowerFailure)) throw error;
      failures++;
    }
    // A process that was killed loses nothing; a machine without power loses any part of what was not synced.
    if (chance.below(4) === 0 && failures > 0) world.fileSystem.dropHandles();
    else world.fileSystem.dropUnsynced(chance);
    recorder = world.die();
    const { have, failure, partials } = await openAndCheck(world, recorder, 1, spec, memory.resume);
    assert.equal(failure, null);
    await assertTrue(world, recorder, torrent, have);
    await finishPartials(world, recorder, torrent, partials);
    memory.resume = (await snapshot(world, recorder, 1)).resume;
    await release(world, recorder, 1);
  }
  await openAndCheck(world, recorder, 1, spec, memory.resume);
  await downloadAll(world, recorder, 1, torrent);
  assert.ok(recorder.all('hashed').every((one) => one.matches));
  await release(world, recorder, 1);
  spec.files.forEach((file, index) => {
    if (!file.isWanted) return;
    const bytes = readFile(world.fileSystem, `${world.directory}/${file.path}`);
    assert.deepEqual(bytes, Uint8Array.from(torrent.bytesOf(index)), file.path);
  });
  await world.dispose();
  return failures > 0;
}

/** What was vouched for of pieces that had begun is good: the blocks that they lack complete one of them. */
async function finishPartials(
  world: SimDiskWorld,
  recorder: DiskRecorder,
  torrent: TestTorrent,
  partials: readonly { readonly piece: number; readonly blocks: Uint8Array }[],
): Promise<void> {
  for (const { piece, blocks } of partials.slice(0, 1)) {
    for (let block = 0; block < torrent.layout.blockCount(piece); block++) {
      if ((blocks[block >>> 3]! & (0x80 >>> (block & 7))) === 0) recorder.write(1, torrent, piece, block);
    }
    const before = recorder.all('hashed').length;
    recorder.hash(1, piece);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length > before);
    assert.ok(recorder.last('hashed').matches, `blocks ${blocks} of piece ${piece} are as claimed`);
  }
}

test('the power fails at every call: no bad byte is claimed, and the download ends well', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    let call = 1;
    while (await crashAt(seed, call)) call++;
    assert.ok(call > 20, `${call} calls of seed ${seed}`);
  }
});

test('when nothing was lost, everything claimed is believed without a look', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new SeededRandom(seed);
    const world = await simDiskWorld(64, 3, true);
    const { torrent, spec } = randomTorrent(world.directory, random);
    const memory: Memory = { resume: null };
    await someDownload(world, world.recorder, torrent, spec, random, memory);
    world.fileSystem.dropUnsynced(random);
    const second = world.die();
    const reads = world.fileSystem.readCount;
    const { have } = await openAndCheck(world, second, 1, spec, memory.resume);
    assert.equal(have, '#'.repeat(torrent.pieceCount), `seed ${seed}`);
    assert.ok(
      world.fileSystem.readCount - reads <= torrent.pieceCount,
      'nothing was read but the heads of the records in the parts file',
    );
    await world.dispose();
  }
});

test('what an unsynced snapshot vouched for is synced before it is claimed to be', async () => {
  const world = await simDiskWorld(64, null, true);
  const torrent = new TestTorrent({ directory: '/data', files: [{ path: 'a', length: 8 * BLOCK_LENGTH }] });
  await openAndCheck(world, world.recorder, 1, torrent.spec);
  await downloadAll(world, world.recorder, 1, torrent, [0, 1]);
  const quick = await snapshot(world, world.recorder, 1, false);
  world.fileSystem.dropHandles();
  const second = world.die();
  const resume = { ...quick.resume!, bootId: 'boot' };
  assert.equal((await openAndCheck(world, second, 1, torrent.spec, resume)).have, '##..');
  const synced = await snapshot(world, second, 1);
  world.fileSystem.dropUnsynced(new SeededRandom(1));
  const third = world.die();
  assert.equal((await openAndCheck(world, third, 1, torrent.spec, synced.resume)).have, '##..');
  await assertTrue(world, third, torrent, '##..');
  await world.dispose();
});

test('a sync that fails puts the storage in error, and its file is never claimed again', async () => {
  const world = await simDiskWorld();
  const { recorder, fileSystem } = world;
  const files = ['a', 'b'].map((path) => ({ path, length: 4 * BLOCK_LENGTH }));
  const torrent = new TestTorrent({ directory: '/data', files });
  await openAndCheck(world, recorder, 1, torrent.spec);
  await downloadAll(world, recorder, 1, torrent, [0, 2]);
  fileSystem.failSyncOf('/data/a.part', 'io-error');
  assert.equal((await snapshot(world, recorder, 1)).failure, 'io-error');
  fileSystem.failSyncOf('/data/a.part', null);
  recorder.download(1, torrent, 1);
  recorder.disk.submit();
  await world.until(() => recorder.all('hashed').length === 3);
  assert.equal(recorder.last('hashed').failure, 'io-error');
  assert.ok(recorder.hasAllSlots);
  assert.equal((await snapshot(world, recorder, 1)).failure, 'io-error');
  recorder.check(1);
  const { resume, failure } = await snapshot(world, recorder, 1);
  assert.equal(failure, null);
  assert.deepEqual([...resume!.files.lengths], [-1, 4 * BLOCK_LENGTH, -1]);
  await world.dispose();
});

test('a snapshot of 100,000 files costs what changed', async () => {
  const world = await simDiskWorld(64);
  const { recorder, fileSystem } = world;
  const files = Array.from({ length: 100_000 }, (_, index) => ({
    path: `top/${index % 100}/${index}`,
    length: 37,
  }));
  const torrent = new TestTorrent({ directory: '/data', files, pieceLength: 16 * BLOCK_LENGTH });
  const { pieceCount } = torrent;
  await openAndCheck(world, recorder, 1, torrent.spec);
  await downloadAll(world, recorder, 1, torrent, [0]);
  const first = fileSystem.callCount;
  await snapshot(world, recorder, 1);
  const touched = torrent.layout.endFileOf(0);
  assert.ok(fileSystem.callCount - first <= 4 * touched, 'open, sync, stamp, close');
  const again = fileSystem.callCount;
  recorder.write(1, torrent, pieceCount - 1, 0);
  const { resume } = await snapshot(world, recorder, 1, false);
  assert.equal(resume!.files.lengths[0], 37);
  assert.ok(fileSystem.callCount - again < 3000, `${fileSystem.callCount - again} calls for one block`);
  await downloadAll(world, recorder, 1, torrent);
  const last = await snapshot(world, recorder, 1);
  const second = await world.restart();
  const before = fileSystem.readCount;
  const { have } = await openAndCheck(world, second, 1, torrent.spec, last.resume);
  assert.equal(have, '#'.repeat(pieceCount));
  assert.equal(fileSystem.readCount, before);
  await world.dispose();
});

/** A download in two halves with snapshots, while one call fails. True when it was reached. */
async function rememberWithFault(call: number, code: FailureCode): Promise<boolean> {
  const world = await simDiskWorld(32, 2);
  const { fileSystem } = world;
  const files = [
    { path: 'a', length: 2 * BLOCK_LENGTH + 5000 },
    { path: 'unwanted', length: 3000, isWanted: false },
    { path: 'd', length: 2 * BLOCK_LENGTH },
  ];
  const torrent = new TestTorrent({ directory: world.directory, files });
  const before = fileSystem.callCount;
  fileSystem.failCall(before + call, code);
  let { recorder } = world;
  let resume: ResumeData | null = null;
  for (const pieces of [[1], [0, 2]]) {
    const checked = await openAndCheck(world, recorder, 1, torrent.spec, resume);
    for (const piece of pieces) if (checked.have[piece] !== '#') recorder.download(1, torrent, piece);
    recorder.disk.submit();
    resume = (await snapshot(world, recorder, 1)).resume ?? resume;
    await release(world, recorder, 1);
    assert.ok(recorder.hasAllSlots);
    recorder = await world.restart();
  }
  const wasHit = fileSystem.callCount >= before + call;
  const { have, failure } = await openAndCheck(world, recorder, 1, torrent.spec, resume);
  if (wasHit) assert.ok(failure === null || fileSystem.callCount === before + call, `${failure}`);
  await assertTrue(world, recorder, torrent, have);
  await world.dispose();
  return wasHit;
}

for (const code of ['io-error', 'disk-full', 'too-many-open-files', 'not-found'] as const) {
  test(`every call of a download with snapshots fails once with ${code}: nothing false is claimed`, async () => {
    let call = 1;
    while (await rememberWithFault(call, code)) call++;
    assert.ok(call > 60, `${call} calls were tried`);
  });
}

test('a read-only seed is remembered', async () => {
  const world = await simDiskWorld();
  const { recorder, fileSystem } = world;
  const torrent = new TestTorrent({ directory: '/data', files: [{ path: 'a', length: 4 * BLOCK_LENGTH }] });
  plantFile(fileSystem, '/data/a', torrent.bytesOf(0));
  fileSystem.isReadOnly = true;
  await openAndCheck(world, recorder, 1, torrent.spec);
  fileSystem.failSyncOf('/data/a', 'access-denied');
  const { resume, failure } = await snapshot(world, recorder, 1);
  assert.equal(failure, null);
  assert.equal(resume!.files.lengths[0], 4 * BLOCK_LENGTH);
  await world.dispose();
});
