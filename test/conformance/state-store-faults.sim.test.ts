/**
 * Owns what only the simulator's store can be made to do: crashes at any moment of virtual time, operations that fail, and
 * callers that break their word.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DURABLE_WITHIN_MS } from '../../src/ports/state-store.ts';
import { hashOf, markedTorrent, markedUpdate } from './state-store-recorder.ts';
import { closed, flushed, opened, simStateWorld } from './state-store-world.ts';

const A = hashOf(1);

test('a crash drops what was not durable, and no more than the last seconds', async () => {
  for (let crashAt = 0; crashAt < 10_000; crashAt += 371) {
    const world = await simStateWorld();
    const recorder = await opened(world);
    const start = world.now();
    let saved = 0;
    for (; world.now() - start < crashAt; saved++) {
      recorder.store.save(markedUpdate(A, saved + 1));
      world.scheduler.advance(100);
    }
    world.crash();
    const next = await opened(world);
    const found = next.torrent(A)?.progress.uploadedBytes ?? 0;
    if (found > 0) assert.deepEqual(next.torrents, [markedTorrent(A, found)]);
    assert.ok(found >= saved - DURABLE_WITHIN_MS / 100, `${found} of ${saved} after ${crashAt} ms`);
    await world.dispose();
  }
});

test('trouble is told once, what failed is tried again with what came since, and the end of it is told', async () => {
  const world = await simStateWorld();
  const recorder = await opened(world);
  world.folder.failure = 'disk-full';
  recorder.store.save(markedUpdate(A, 1));
  recorder.store.save(markedUpdate(hashOf(2), 1));
  await world.until(() => recorder.all('trouble').length === 1);
  recorder.store.save({ infoHash: A, progress: markedUpdate(A, 2).progress! });
  recorder.store.remove(hashOf(2));
  world.scheduler.advance(20_000);
  await flushed(world, recorder);
  assert.equal(recorder.last('flushed').failure?.code, 'disk-full');
  assert.equal(recorder.all('trouble').length, 1);
  assert.deepEqual(world.durable(), []);
  world.folder.failure = null;
  await world.until(() => recorder.all('recovered').length === 1);
  assert.deepEqual(world.durable(), [{ ...markedTorrent(A, 1), progress: markedTorrent(A, 2).progress }]);
  await world.dispose();
});

test('a close in trouble ends with its failure', async () => {
  const world = await simStateWorld();
  const recorder = await opened(world);
  world.folder.failure = 'io-error';
  recorder.store.save(markedUpdate(A, 1));
  recorder.store.flush();
  await closed(world, recorder);
  assert.equal(recorder.last('flushed').failure?.code, 'io-error');
  assert.equal(recorder.last('closed').failure?.code, 'io-error');
  await world.dispose();
});

test('every operation fails once: what was flushed is durable, and everything is answered', async () => {
  for (let number = 1; ; number++) {
    const world = await simStateWorld();
    world.folder.failOperation(number, 'io-error');
    const recorder = await opened(world);
    let durable = 0;
    for (const state of [1, 2, 3]) {
      recorder.store.save(markedUpdate(A, state));
      recorder.store.loadMetainfo(A);
      recorder.store.loadMetainfo(hashOf(7));
      await flushed(world, recorder);
      if (recorder.last('flushed').failure === null) durable = state;
      const found = world.durable()[0]?.progress.uploadedBytes ?? 0;
      assert.ok(found >= durable);
    }
    await closed(world, recorder);
    assert.equal(recorder.all('metainfo').length, 6);
    const wasOpen = recorder.last('opened').failure === null;
    assert.deepEqual(world.durable(), wasOpen ? [markedTorrent(A, 3)] : []);
    const wasHit = world.folder.operationCount >= number;
    await world.dispose();
    if (!wasHit) break;
    assert.ok(number < 50);
  }
});

test('whoever changes what was given to the store is found out', async () => {
  const world = await simStateWorld();
  const recorder = await opened(world);
  const update = markedUpdate(A, 1);
  recorder.store.save(update);
  update.resume!.verified[0] = 0xff;
  await assert.rejects(flushed(world, recorder), { name: 'BugError' });
  world.crash();
});
