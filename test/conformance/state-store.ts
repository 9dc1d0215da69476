/**
 * Owns the conformance suite of the `StateStore` port: each clause of the contract in `src/ports/state-store.ts`, run
 * against SQLite in its worker and the simulator. Crashes, faults and damage that only one of them can make are apart.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DURABLE_WITHIN_MS, MAX_TORRENTS_PER_ANSWER, NO_PROGRESS } from '../../src/ports/state-store.ts';
import { hashOf, markedTorrent, markedUpdate, PROGRESS, RESUME, SETTINGS } from './state-store-recorder.ts';
import { closed, flushed, opened, type StateWorld } from './state-store-world.ts';

type Check = (title: string, body: (world: StateWorld) => Promise<void>) => void;

const A = hashOf(0xa);
const B = hashOf(0xb, 64);

/** Runs the suite; `make` makes a fresh world for each test. */
export function stateStoreConformance(name: string, make: () => Promise<StateWorld>): void {
  const check: Check = (title, body) => {
    test(title, async () => {
      const world = await make();
      try {
        await body(world);
      } finally {
        await world.dispose();
      }
    });
  };
  describe(`the ${name} state store`, () => {
    opening(check);
    remembering(check);
    merging(check);
    durability(check);
    metainfo(check);
    damage(check);
    locking(check);
    closing(check);
  });
}

function opening(check: Check): void {
  check('1, 2: a store that is new opens empty, and nothing completes inside a call', async (world) => {
    const recorder = world.make();
    recorder.store.open();
    recorder.store.flush();
    assert.equal(recorder.answers.length, 0);
    await world.until(() => recorder.answers.length === 2);
    assert.deepEqual(recorder.answers, [
      { what: 'opened', failure: null },
      { what: 'flushed', failure: null },
    ]);
    assert.deepEqual(recorder.torrents, []);
  });

  check('2: what is saved before the answer to open counts', async (world) => {
    const recorder = world.make();
    recorder.store.open();
    recorder.store.save(markedUpdate(A, 1));
    await flushed(world, recorder);
    assert.deepEqual(world.durable(), [markedTorrent(A, 1)]);
  });

  check('2: many torrents come in parts, each once, in the order of their arrival', async (world) => {
    const first = await opened(world);
    const count = 2 * MAX_TORRENTS_PER_ANSWER + 10;
    for (let i = 0; i < count; i++) first.store.save({ infoHash: hashOf(count - i), settings: SETTINGS });
    await closed(world, first);
    const second = await opened(world);
    assert.deepEqual(second.batches, [MAX_TORRENTS_PER_ANSWER, MAX_TORRENTS_PER_ANSWER, 10]);
    assert.deepEqual(
      second.torrents.map((one) => one.infoHash),
      Array.from({ length: count }, (_, i) => hashOf(count - i)),
    );
  });
}

function remembering(check: Check): void {
  check('8: what is loaded is what was saved', async (world) => {
    const first = await opened(world);
    first.store.save({ infoHash: A, settings: SETTINGS, progress: PROGRESS, resume: RESUME });
    first.store.save({
      infoHash: B,
      settings: {
        ...SETTINGS,
        directory: '/',
        selectedFiles: null,
        peers: [],
        useTrackers: false,
        isPaused: true,
        isSeeding: false,
        isSuperSeeding: true,
        maxRatio: null,
        maxSeedingMs: 0,
      },
      progress: { ...NO_PROGRESS, completedAt: 5 },
      resume: {
        pieceCount: 0,
        verified: new Uint8Array(0),
        partials: [],
        files: { lengths: new Float64Array(0), modifiedAt: new Float64Array(0) },
        bootId: null,
      },
      metainfo: new Uint8Array(0),
    });
    await closed(world, first);
    const second = await opened(world);
    assert.deepEqual(second.torrent(A), {
      infoHash: A,
      hasMetainfo: false,
      settings: SETTINGS,
      progress: PROGRESS,
      resume: RESUME,
    });
    const b = second.torrent(B)!;
    assert.equal(b.hasMetainfo, true);
    assert.deepEqual(
      [b.settings.selectedFiles, b.settings.maxRatio, b.settings.maxSeedingMs],
      [null, null, 0],
    );
    assert.deepEqual(
      [b.settings.isPaused, b.settings.isSuperSeeding, b.settings.useTrackers],
      [true, true, false],
    );
    assert.deepEqual([b.progress.completedAt, b.progress.completedAnnounced], [5, false]);
    assert.deepEqual(b.resume!.verified, new Uint8Array(0));
  });

  check('8: a view into larger memory is stored as what it shows', async (world) => {
    const first = await opened(world);
    const memory = new Uint8Array(100).fill(7);
    const lengths = new Float64Array(10).fill(3);
    first.store.save({
      infoHash: A,
      settings: SETTINGS,
      metainfo: memory.subarray(10, 15),
      resume: {
        ...RESUME,
        pieceCount: 16,
        partials: [],
        verified: memory.subarray(3, 5),
        files: { lengths: lengths.subarray(1, 3), modifiedAt: lengths.subarray(4, 6) },
      },
    });
    await closed(world, first);
    const second = await opened(world);
    const { verified, files } = second.torrent(A)!.resume!;
    assert.deepEqual(verified, Uint8Array.of(7, 7));
    assert.deepEqual(files.lengths, Float64Array.of(3, 3));
  });

  check('a torrent of which little was saved has nothing but that', async (world) => {
    const first = await opened(world);
    first.store.save({ infoHash: A, settings: SETTINGS });
    await closed(world, first);
    const second = await opened(world);
    assert.deepEqual(second.torrents, [
      { infoHash: A, hasMetainfo: false, settings: SETTINGS, progress: NO_PROGRESS, resume: null },
    ]);
  });
}

function merging(check: Check): void {
  check('3: of each part the newest wins, and what is left out stays', async (world) => {
    const recorder = await opened(world);
    recorder.store.save(markedUpdate(A, 1));
    recorder.store.save({ infoHash: A, progress: { ...PROGRESS, uploadedBytes: 77 } });
    await flushed(world, recorder);
    assert.deepEqual(world.durable(), [
      { ...markedTorrent(A, 1), progress: { ...PROGRESS, uploadedBytes: 77 } },
    ]);
    recorder.store.save({ infoHash: A, settings: { ...SETTINGS, isPaused: true } });
    recorder.store.save({ infoHash: A, resume: RESUME });
    recorder.store.save({ infoHash: A, resume: null });
    await flushed(world, recorder);
    assert.deepEqual(world.durable(), [
      {
        infoHash: A,
        hasMetainfo: true,
        settings: { ...SETTINGS, isPaused: true },
        progress: { ...PROGRESS, uploadedBytes: 77 },
        resume: null,
      },
    ]);
  });

  check('5: what was removed is gone, and a late save does not bring it back', async (world) => {
    const recorder = await opened(world);
    recorder.store.save(markedUpdate(A, 1));
    recorder.store.save(markedUpdate(B, 2));
    await flushed(world, recorder);
    recorder.store.remove(A);
    recorder.store.save({ infoHash: A, progress: PROGRESS });
    await flushed(world, recorder);
    recorder.store.save({ infoHash: A, resume: RESUME, metainfo: Uint8Array.of(1) });
    recorder.store.remove(hashOf(77));
    await flushed(world, recorder);
    assert.deepEqual(world.durable(), [markedTorrent(B, 2)]);
  });

  check('5: a torrent that was removed and added again has nothing of its former life', async (world) => {
    const recorder = await opened(world);
    recorder.store.save(markedUpdate(A, 1));
    await flushed(world, recorder);
    recorder.store.remove(A);
    recorder.store.save({ infoHash: A, settings: SETTINGS });
    recorder.store.save({ infoHash: A, progress: PROGRESS });
    await flushed(world, recorder);
    assert.deepEqual(world.durable(), [
      { infoHash: A, hasMetainfo: false, settings: SETTINGS, progress: PROGRESS, resume: null },
    ]);
  });

  check('a malformed update is a bug of the caller and is not stored', async (world) => {
    const { store } = await opened(world);
    const tooMany = new Array(101).fill('10.0.0.1:1');
    const bad = [
      { infoHash: 'AB'.repeat(20), settings: SETTINGS },
      { infoHash: A, progress: { ...PROGRESS, uploadedBytes: -1 } },
      { infoHash: A, progress: { ...PROGRESS, activeMs: Number.NaN } },
      { infoHash: A, progress: { ...PROGRESS, goodPeers: tooMany } },
      { infoHash: A, settings: { ...SETTINGS, maxUpRate: Number.POSITIVE_INFINITY } },
      { infoHash: A, resume: { ...RESUME, pieceCount: 20 } },
      { infoHash: A, resume: { ...RESUME, partials: [{ piece: 0, blocks: Uint8Array.of(1) }] } },
      { infoHash: A, resume: { ...RESUME, partials: [{ piece: 11, blocks: Uint8Array.of(1) }] } },
    ];
    for (const update of bad) assert.throws(() => store.save(update), { name: 'BugError' });
  });
}

function durability(check: Check): void {
  check('4: a save is durable within its time without being asked', async (world) => {
    const recorder = await opened(world);
    const start = world.now();
    recorder.store.save(markedUpdate(A, 1));
    await world.until(() => world.durable().length === 1);
    const elapsedMs = world.now() - start;
    assert.ok(elapsedMs <= DURABLE_WITHIN_MS, `${elapsedMs} ms`);
    assert.ok(elapsedMs >= DURABLE_WITHIN_MS / 4, `${elapsedMs} ms: saves are gathered first`);
  });

  check('6: what was saved before a flush is durable at its answer', async (world) => {
    const recorder = await opened(world);
    for (let i = 1; i <= 3; i++) {
      recorder.store.save(markedUpdate(A, i));
      recorder.store.flush();
    }
    await world.until(() => recorder.all('flushed').length === 3);
    assert.deepEqual(world.durable(), [markedTorrent(A, 3)]);
    assert.ok(recorder.all('flushed').every((one) => one.failure === null));
  });

  check('6: a flush with nothing to do is answered', async (world) => {
    const recorder = await opened(world);
    await flushed(world, recorder);
    assert.deepEqual(recorder.last('flushed').failure, null);
  });
}

function metainfo(check: Check): void {
  check('the metainfo is loaded when it is asked for, after a restart too', async (world) => {
    const first = await opened(world);
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff);
    first.store.save({ infoHash: A, settings: SETTINGS, metainfo: bytes });
    await closed(world, first);
    const second = await opened(world);
    second.store.loadMetainfo(A);
    second.store.loadMetainfo(B);
    assert.equal(second.all('metainfo').length, 0);
    await world.until(() => second.all('metainfo').length === 2);
    assert.deepEqual(second.all('metainfo'), [
      { what: 'metainfo', infoHash: A, metainfo: bytes, failure: null },
      { what: 'metainfo', infoHash: B, metainfo: null, failure: null },
    ]);
  });

  check('a question for metainfo sees every save and removal before it', async (world) => {
    const recorder = await opened(world);
    const ask = async (): Promise<Uint8Array | null> => {
      const before = recorder.all('metainfo').length;
      recorder.store.loadMetainfo(A);
      await world.until(() => recorder.all('metainfo').length > before);
      return recorder.last('metainfo').metainfo;
    };
    recorder.store.save({ infoHash: A, settings: SETTINGS, metainfo: Uint8Array.of(1) });
    assert.deepEqual(await ask(), Uint8Array.of(1));
    recorder.store.flush();
    assert.deepEqual(await ask(), Uint8Array.of(1));
    recorder.store.save({ infoHash: A, progress: PROGRESS });
    recorder.store.flush();
    assert.deepEqual(await ask(), Uint8Array.of(1));
    recorder.store.save({ infoHash: A, metainfo: Uint8Array.of(2) });
    assert.deepEqual(await ask(), Uint8Array.of(2));
    recorder.store.remove(A);
    assert.equal(await ask(), null);
    await flushed(world, recorder);
    assert.equal(await ask(), null);
  });
}

function damage(check: Check): void {
  const withTwo = async (world: StateWorld): Promise<void> => {
    const recorder = await opened(world);
    recorder.store.save(markedUpdate(A, 1));
    recorder.store.save(markedUpdate(B, 2));
    await closed(world, recorder);
  };

  for (const part of ['progress', 'resume'] as const) {
    check(`8: damaged ${part} is set aside, and everything else is kept`, async (world) => {
      await withTwo(world);
      world.damage(A, part);
      const recorder = await opened(world);
      const { setAside } = recorder.last('set-aside');
      assert.deepEqual([setAside.keptTorrents, setAside.lostTorrents], [2, 0]);
      assert.ok(setAside.reason.length > 0 && setAside.path.includes('damaged'));
      assert.equal(
        recorder.answers.findIndex((one) => one.what === 'set-aside'),
        0,
        'told first',
      );
      const lost = part === 'progress' ? { progress: NO_PROGRESS } : { resume: null };
      assert.deepEqual(recorder.torrents, [{ ...markedTorrent(A, 1), ...lost }, markedTorrent(B, 2)]);
      await closed(world, recorder);
      const next = await opened(world);
      assert.equal(next.all('set-aside').length, 0, 'once');
      assert.equal(next.torrents.length, 2);
      assert.equal(world.setAsideCount(), 1);
    });
  }

  check('8: a torrent with damaged settings is lost, and said to be', async (world) => {
    await withTwo(world);
    world.damage(A, 'settings');
    const recorder = await opened(world);
    const { setAside } = recorder.last('set-aside');
    assert.deepEqual([setAside.keptTorrents, setAside.lostTorrents], [1, 1]);
    assert.deepEqual(recorder.torrents, [markedTorrent(B, 2)]);
  });

  check('8: damaged metainfo is found when it is asked for', async (world) => {
    await withTwo(world);
    world.damage(A, 'metainfo');
    const recorder = await opened(world);
    recorder.store.loadMetainfo(A);
    await world.until(() => recorder.all('metainfo').length === 1);
    assert.equal(recorder.last('metainfo').metainfo, null);
    recorder.store.loadMetainfo(B);
    await world.until(() => recorder.all('metainfo').length === 2);
    assert.deepEqual(recorder.last('metainfo').metainfo, markedUpdate(B, 2).metainfo);
    assert.equal(recorder.all('set-aside').length, 1);
    recorder.store.save(markedUpdate(A, 3));
    await flushed(world, recorder);
    assert.equal(recorder.last('flushed').failure, null);
    assert.deepEqual(world.durable(), [markedTorrent(A, 3), markedTorrent(B, 2)]);
  });
}

function locking(check: Check): void {
  check('10: the second to open a folder is refused, and goes on without state', async (world) => {
    const first = await opened(world);
    const second = await opened(world);
    assert.equal(second.last('opened').failure?.code, 'in-use');
    second.store.save(markedUpdate(A, 2));
    second.store.remove(B);
    second.store.loadMetainfo(A);
    await flushed(world, second);
    assert.equal(second.last('flushed').failure?.code, 'in-use');
    assert.equal(second.last('metainfo').failure?.code, 'in-use');
    await closed(world, second);
    assert.equal(second.last('closed').failure?.code, 'in-use');
    first.store.save(markedUpdate(A, 1));
    await closed(world, first);
    const third = await opened(world);
    assert.equal(third.last('opened').failure, null, 'the folder is free again');
    assert.deepEqual(third.torrents, [markedTorrent(A, 1)]);
  });

  check('10: what was asked before the refusal is answered once', async (world) => {
    await opened(world);
    const second = world.make();
    second.store.open();
    second.store.loadMetainfo(A);
    second.store.save(markedUpdate(A, 1));
    second.store.flush();
    second.store.close();
    await world.until(() => second.all('closed').length === 1);
    assert.deepEqual(
      second.answers.map((one) => [one.what, 'failure' in one ? one.failure?.code : null]),
      ['opened', 'metainfo', 'flushed', 'closed'].map((what) => [what, 'in-use']),
    );
  });
}

function closing(check: Check): void {
  check('11: a close makes durable what waits, and ends with one answer', async (world) => {
    const recorder = await opened(world);
    recorder.store.save(markedUpdate(A, 1));
    recorder.store.flush();
    recorder.store.save(markedUpdate(A, 2));
    recorder.store.close();
    await world.until(() => recorder.all('closed').length === 1);
    assert.equal(recorder.last('closed').failure, null);
    assert.deepEqual(world.durable(), [markedTorrent(A, 2)]);
    assert.throws(() => recorder.store.save(markedUpdate(A, 3)), { name: 'BugError' });
  });

  check('11: a close right after open still opens', async (world) => {
    const recorder = world.make();
    recorder.store.open();
    recorder.store.save(markedUpdate(A, 1));
    recorder.store.close();
    await world.until(() => recorder.all('closed').length === 1);
    assert.deepEqual(
      recorder.answers.map((one) => one.what),
      ['opened', 'closed'],
    );
    assert.deepEqual(world.durable(), [markedTorrent(A, 1)]);
  });
}
