import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_PROGRESS, type TorrentSettings } from '../ports/state-store.ts';
import { metainfoIn, StateChanges } from './state-changes.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const SETTINGS: TorrentSettings = {
  directory: '/data',
  selectedFiles: null,
  peers: [],
  useTrackers: true,
  isPaused: false,
  isSeeding: true,
  isSuperSeeding: false,
  maxDownRate: 0,
  maxUpRate: 0,
  maxRatio: null,
  maxSeedingMs: null,
};

/** `uploadedBytes` says which save it was. */
function progress(number: number): typeof NO_PROGRESS {
  return { ...NO_PROGRESS, uploadedBytes: number };
}

test('saves of one torrent are one change, of each part the newest', () => {
  const changes = new StateChanges();
  changes.save({ infoHash: A, settings: SETTINGS, progress: progress(1) });
  changes.save({ infoHash: B, progress: progress(9) });
  changes.save({ infoHash: A, progress: progress(2), resume: null });
  assert.deepEqual(changes.take(), [
    {
      infoHash: A,
      isRemoved: false,
      update: { infoHash: A, settings: SETTINGS, progress: progress(2), resume: null },
    },
    { infoHash: B, isRemoved: false, update: { infoHash: B, progress: progress(9) } },
  ]);
  assert.ok(changes.isEmpty);
});

test('a removal drops what waited, and only a save with settings counts after it', () => {
  const changes = new StateChanges();
  changes.save({ infoHash: A, settings: SETTINGS });
  changes.remove(A);
  changes.save({ infoHash: A, progress: progress(1) });
  assert.deepEqual(changes.take(), [{ infoHash: A, isRemoved: true, update: null }]);
  changes.remove(A);
  changes.save({ infoHash: A, settings: SETTINGS });
  changes.save({ infoHash: A, progress: progress(2) });
  const update = { infoHash: A, settings: SETTINGS, progress: progress(2) };
  assert.deepEqual(changes.take(), [{ infoHash: A, isRemoved: true, update }]);
});

test('what is put back lies under what came since', () => {
  const changes = new StateChanges();
  changes.save({ infoHash: A, settings: SETTINGS, progress: progress(1) });
  changes.save({ infoHash: B, settings: SETTINGS });
  const older = changes.take();
  changes.save({ infoHash: A, progress: progress(2) });
  changes.remove(B);
  changes.putBack(older);
  assert.deepEqual(changes.take(), [
    { infoHash: A, isRemoved: false, update: { infoHash: A, settings: SETTINGS, progress: progress(2) } },
    { infoHash: B, isRemoved: true, update: null },
  ]);
});

test('a removal that is put back keeps a late save out, and stays under a new beginning', () => {
  const changes = new StateChanges();
  changes.remove(A);
  changes.remove(B);
  const older = changes.take();
  changes.save({ infoHash: A, progress: progress(1) });
  changes.save({ infoHash: B, settings: SETTINGS });
  changes.putBack(older);
  assert.deepEqual(changes.take(), [
    { infoHash: A, isRemoved: true, update: null },
    { infoHash: B, isRemoved: true, update: { infoHash: B, settings: SETTINGS } },
  ]);
});

test('the metainfo of a torrent is known when a change touches it', () => {
  const changes = new StateChanges();
  assert.equal(changes.metainfoOf(A), undefined);
  changes.save({ infoHash: A, progress: progress(1) });
  assert.equal(changes.metainfoOf(A), undefined);
  changes.save({ infoHash: A, metainfo: Uint8Array.of(1) });
  assert.deepEqual(changes.metainfoOf(A), Uint8Array.of(1));
  changes.remove(A);
  assert.equal(changes.metainfoOf(A), null);
  assert.equal(metainfoIn(undefined), undefined);
});
