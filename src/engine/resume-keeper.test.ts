import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PieceIndex } from '../base/numbers.ts';
import {
  NO_PROGRESS,
  type ResumeData,
  type StoredTorrent,
  type TorrentProgress,
  type TorrentSettings,
  type TorrentUpdate,
} from '../ports/state-store.ts';
import { ResumeKeeper } from './resume-keeper.ts';

const PIECE = 0 as PieceIndex;
const SETTINGS = { directory: '/data' } as TorrentSettings;

function resume(bootId: string | null): ResumeData {
  const files = { lengths: new Float64Array(1), modifiedAt: new Float64Array(1) };
  return { pieceCount: 8, verified: Uint8Array.of(0xf0), partials: [], files, bootId };
}

function stored(bootId: string | null, progress: Partial<TorrentProgress> = {}): StoredTorrent {
  return {
    infoHash: 'ab',
    hasMetainfo: true,
    settings: SETTINGS,
    progress: { ...NO_PROGRESS, ...progress },
    resume: resume(bootId),
  };
}

interface Scene {
  readonly keeper: ResumeKeeper;
  /** `quick` or `synced` for each snapshot asked for. */
  readonly asked: string[];
  readonly saved: TorrentUpdate[];
}

function scene(
  options: { stored?: StoredTorrent | null; directory?: string; bootId?: string | null } = {},
): Scene {
  const asked: string[] = [];
  const saved: TorrentUpdate[] = [];
  const keeper = new ResumeKeeper(
    {
      infoHash: 'ab',
      metainfo: Uint8Array.of(1),
      stored: options.stored ?? null,
      directory: options.directory ?? '/data',
      bootId: options.bootId === undefined ? 'boot' : options.bootId,
      now: 0,
    },
    {
      isRemembering: true,
      requestSnapshot: (sync) => asked.push(sync ? 'synced' : 'quick'),
      settings: () => SETTINGS,
      sessionProgress: () => ({ ...NO_PROGRESS, uploadedBytes: 5, addedAt: 100, completedAnnounced: true }),
      save: (update) => saved.push(update),
    },
  );
  return { keeper, asked, saved };
}

test('a synced snapshot is believed on any boot, a quick one only on its own', () => {
  assert.notEqual(scene({ stored: stored(null), bootId: 'other' }).keeper.resume, null);
  assert.notEqual(scene({ stored: stored('boot') }).keeper.resume, null);
  assert.equal(scene({ stored: stored('boot'), bootId: 'other' }).keeper.resume, null);
  assert.equal(scene({ stored: stored('boot'), bootId: null }).keeper.resume, null);
});

test('a snapshot of another folder vouches for nothing here', () => {
  assert.equal(scene({ stored: stored(null), directory: '/elsewhere' }).keeper.resume, null);
});

test('quick snapshots follow progress every few seconds, synced ones each minute', () => {
  const { keeper, asked } = scene();
  for (let now = 0; now <= 120_000; now += 1000) {
    keeper.onPieceVerified(PIECE);
    const before = asked.length;
    keeper.sweep(now);
    if (asked.length > before) keeper.onSnapshot(resume(null));
  }
  assert.equal(asked.filter((kind) => kind === 'synced').length, 2);
  const quick = asked.filter((kind) => kind === 'quick').length;
  assert.ok(quick >= 25 && quick <= 40, `${quick} quick ones in two minutes`);
});

test('without progress nothing is asked for, and never two at once', () => {
  const { keeper, asked } = scene();
  for (let now = 0; now < 300_000; now += 1000) keeper.sweep(now);
  assert.deepEqual(asked, []);
  keeper.onPieceVerified(PIECE);
  for (let now = 300_000; now < 600_000; now += 1000) keeper.sweep(now);
  assert.equal(asked.length, 1, 'the first is still under way');
});

test('a quick snapshot is saved with the boot, a synced one without', () => {
  const { keeper, saved } = scene();
  keeper.onPieceVerified(PIECE);
  keeper.sweep(5000);
  keeper.onSnapshot(resume(null));
  keeper.onComplete(6000);
  keeper.onSnapshot(resume(null));
  assert.deepEqual(
    saved.map((update) => update.resume?.bootId),
    ['boot', null],
  );
});

test('where the boot has no name, only synced snapshots are saved', () => {
  const { keeper, saved } = scene({ bootId: null });
  keeper.onPieceVerified(PIECE);
  keeper.sweep(5000);
  keeper.onSnapshot(resume(null));
  assert.deepEqual(saved, []);
  keeper.onComplete(6000);
  keeper.onSnapshot(resume(null));
  assert.equal(saved.length, 1);
});

test('after a snapshot that failed nothing new is claimed, and it is tried again', () => {
  const { keeper, asked, saved } = scene();
  keeper.onPieceVerified(PIECE);
  keeper.sweep(5000);
  keeper.onSnapshot(null);
  assert.deepEqual(saved, []);
  keeper.sweep(70_000);
  assert.deepEqual(asked, ['quick', 'synced']);
});

test('counters add up over sessions, and completed stays announced', () => {
  const past = stored(null, { uploadedBytes: 1000, addedAt: 7, completedAnnounced: true });
  const { keeper, saved } = scene({ stored: past });
  assert.equal(keeper.wasCompletedAnnounced, true);
  keeper.onStopping(1000);
  const progress = saved[0]!.progress!;
  assert.deepEqual([progress.uploadedBytes, progress.addedAt, progress.completedAnnounced], [1005, 7, true]);
});

test('metainfo is saved once', () => {
  const fresh = scene();
  fresh.keeper.start();
  assert.notEqual(fresh.saved[0]!.metainfo, undefined);
  const known = scene({ stored: stored(null) });
  known.keeper.start();
  assert.equal(known.saved[0]!.metainfo, undefined);
  known.keeper.start(true);
  assert.notEqual(known.saved[1]!.metainfo, undefined);
});
