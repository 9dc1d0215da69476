/** Owns the two worlds that the state store's suite runs in: a worker with SQLite, and the simulator. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqlDatabase } from '../../src/node/store/sql-database.ts';
import { StateCore } from '../../src/node/store/state-core.ts';
import { WorkerStateStore } from '../../src/node/store/worker-state-store.ts';
import { NodeTime } from '../../src/node/time.ts';
import type { StoredTorrent } from '../../src/ports/state-store.ts';
import { MemoryStateFolder, MemoryStateStore, type StatePartName } from '../../src/sim/memory-state-store.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { SimTime } from '../../src/sim/sim-time.ts';
import { StateRecorder } from './state-store-recorder.ts';

const DEADLINE_MS = 20_000;

export interface StateWorld {
  /** A store over the world's one state folder, as a process that starts; not opened. */
  make(): StateRecorder;
  /** Milliseconds on the world's clock. */
  now(): number;
  /** Lets the world run until `predicate` holds; throws when it never will. */
  until(predicate: () => boolean): Promise<void>;
  /** What would be left if the power failed now. */
  durable(): StoredTorrent[];
  /** Changes a stored part behind the back of the program, which is not running. */
  damage(infoHash: string, part: StatePartName): void;
  /** Files set aside so far. */
  setAsideCount(): number;
  dispose(): Promise<void>;
}

export async function realStateWorld(): Promise<StateWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'spate-state-'));
  const recorders: { readonly recorder: StateRecorder; readonly time: NodeTime }[] = [];
  const bugs: Error[] = [];
  const until = async (predicate: () => boolean): Promise<void> => {
    const deadline = performance.now() + DEADLINE_MS;
    while (!predicate()) {
      assert.ok(performance.now() < deadline, `not after ${DEADLINE_MS} ms: ${predicate}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  return {
    make: () => {
      const time = new NodeTime();
      const recorder = new StateRecorder(
        new WorkerStateStore({ folder, time, onBug: (error) => bugs.push(error) }),
      );
      time.bind(recorder);
      recorders.push({ recorder, time });
      return recorder;
    },
    now: () => performance.now(),
    until,
    durable: () => readCopy(folder),
    damage: (infoHash, part) => damageRow(join(folder, 'state.db'), infoHash, part),
    setAsideCount: () => readdirSync(folder).filter((name) => /damaged-[^/]*\d$/.test(name)).length,
    dispose: async () => {
      for (const { recorder, time } of recorders) {
        await closeRecorder(recorder, until);
        time.close();
      }
      rmSync(folder, { recursive: true, force: true });
      assert.deepEqual(bugs, []);
    },
  };
}

export interface SimStateWorld extends StateWorld {
  readonly folder: MemoryStateFolder;
  readonly scheduler: Scheduler;
  /** The process of the last store made dies. */
  crash(): void;
}

export async function simStateWorld(): Promise<SimStateWorld> {
  const scheduler = new Scheduler();
  const folder = new MemoryStateFolder();
  const recorders: { readonly recorder: StateRecorder; hasCrashed: boolean }[] = [];
  const until = async (predicate: () => boolean): Promise<void> => {
    assert.equal(scheduler.run(predicate, 1e9), 'done', `never: ${predicate}`);
  };
  let last: MemoryStateStore | null = null;
  return {
    folder,
    scheduler,
    make: () => {
      const time = new SimTime(scheduler, { origin: 5, wallClockOrigin: 0 });
      last = new MemoryStateStore({ folder, time, scheduler, latencyMs: 3 });
      const recorder = new StateRecorder(last);
      time.bind(recorder);
      recorders.push({ recorder, hasCrashed: false });
      return recorder;
    },
    crash: () => {
      last!.stop();
      recorders.at(-1)!.hasCrashed = true;
    },
    now: () => scheduler.now,
    until,
    durable: () => folder.torrents(),
    damage: (infoHash, part) => folder.damage(infoHash, part),
    setAsideCount: () => folder.setAsideCount,
    dispose: async () => {
      folder.failure = null;
      for (const { recorder, hasCrashed } of recorders) {
        if (!hasCrashed) await closeRecorder(recorder, until);
      }
      assert.equal(scheduler.pendingCount, 0, 'nothing is left to happen');
    },
  };
}

/** Opens a store and waits for the answer. */
export async function opened(world: StateWorld, recorder = world.make()): Promise<StateRecorder> {
  recorder.store.open();
  await world.until(() => recorder.all('opened').length === 1);
  return recorder;
}

export async function flushed(world: StateWorld, recorder: StateRecorder): Promise<void> {
  const before = recorder.all('flushed').length;
  recorder.store.flush();
  await world.until(() => recorder.all('flushed').length > before);
}

export async function closed(world: StateWorld, recorder: StateRecorder): Promise<void> {
  recorder.store.close();
  await world.until(() => recorder.all('closed').length === 1);
}

/** The torrents in a copy of the folder, as a process that starts on it finds them. */
export function readCopy(folder: string): StoredTorrent[] {
  const copy = mkdtempSync(join(tmpdir(), 'spate-state-copy-'));
  try {
    cpSync(folder, copy, { recursive: true, filter: (path) => !/state\.(lock|pid)/.test(path) });
    return readFolder(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The torrents in a folder that nobody uses and in which nothing is wrong. */
export function readFolder(folder: string): StoredTorrent[] {
  const core = new StateCore({
    folder,
    openDatabase: openSqlDatabase,
    onSetAside: ({ reason }) => assert.fail(`set aside: ${reason}`),
  });
  const { torrents, failure } = core.open();
  core.close();
  assert.equal(failure, null);
  return torrents;
}

const DAMAGED_COLUMNS = {
  metainfo: 'bytes = zeroblob(5)',
  settings: "directory = directory || 'x'",
  progress: 'uploaded_bytes = uploaded_bytes + 1',
  resume: "verified = x'ffe0'",
} as const;

function damageRow(path: string, infoHash: string, part: StatePartName): void {
  const database = new DatabaseSync(path);
  const id = `(SELECT id FROM torrent WHERE info_hash = x'${infoHash}')`;
  const [table, key] = part === 'settings' ? ['torrent', 'id'] : [part, 'torrent_id'];
  const result = database.prepare(`UPDATE ${table} SET ${DAMAGED_COLUMNS[part]} WHERE ${key} = ${id}`).run();
  database.close();
  assert.equal(result.changes, 1);
}

async function closeRecorder(
  recorder: StateRecorder,
  until: (predicate: () => boolean) => Promise<void>,
): Promise<void> {
  if (recorder.all('closed').length > 0) return;
  if (recorder.all('opened').length === 0) recorder.store.open();
  recorder.store.close();
  await until(() => recorder.all('closed').length === 1);
}
