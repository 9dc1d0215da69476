/**
 * Owns the state store when the world says no: every call of the database fails once, or from then on for good; another
 * process has the folder; the worker dies. Devices that are full or read-only are apart.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type OpenSqlDatabase,
  openSqlDatabase,
  type SqlDatabase,
  SqlError,
  type SqlRow,
  type SqlValue,
} from '../../src/node/store/sql-database.ts';
import { StateCore } from '../../src/node/store/state-core.ts';
import type { SetAside } from '../../src/ports/state-store.ts';
import type { StateChange } from '../../src/store/state-changes.ts';
import { hashOf, markedTorrent, markedUpdate } from './state-store-recorder.ts';
import { openWorker, until } from './state-store-worker.ts';
import { readFolder } from './state-store-world.ts';

const FULL = 13;
const IO_ERROR_FSYNC = 10 + (4 << 8);
const CORRUPT = 11;
const NO_MEMORY = 7;
const BUSY = 5;
const READ_ONLY = 8;

/** Databases of which the n-th call fails, or the n-th and all after it. */
class Faults {
  calls = 0;
  readonly #code: number;
  readonly #number: number;
  readonly #isForGood: boolean;

  constructor(code: number, number: number, isForGood: boolean) {
    this.#code = code;
    this.#number = number;
    this.#isForGood = isForGood;
  }

  get wasHit(): boolean {
    return this.calls >= this.#number;
  }

  readonly open: OpenSqlDatabase = (path, busyTimeoutMs, isDamaged) => {
    this.enter();
    return new FaultyDatabase(openSqlDatabase(path, busyTimeoutMs, isDamaged), this);
  };

  enter(): void {
    this.calls++;
    const isDue = this.#isForGood ? this.calls >= this.#number : this.calls === this.#number;
    if (isDue) throw new SqlError(this.#code, 'injected');
  }
}

class FaultyDatabase implements SqlDatabase {
  readonly #inner: SqlDatabase;
  readonly #faults: Faults;

  constructor(inner: SqlDatabase, faults: Faults) {
    this.#inner = inner;
    this.#faults = faults;
  }

  exec(sql: string): void {
    this.#faults.enter();
    this.#inner.exec(sql);
  }

  run(sql: string, values: readonly SqlValue[]): void {
    this.#faults.enter();
    this.#inner.run(sql, values);
  }

  all(sql: string, values: readonly SqlValue[]): SqlRow[] {
    this.#faults.enter();
    return this.#inner.all(sql, values);
  }

  close(): void {
    this.#inner.close();
    this.#faults.enter();
  }
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'spate-faults-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** State `number` of two torrents. */
function state(number: number): StateChange[] {
  return [1, 2].map((hash) => {
    const update = markedUpdate(hashOf(hash), number);
    return { infoHash: update.infoHash, isRemoved: false, update };
  });
}

/** One session with a fault: two commits and a question. The last state that was said to be durable. */
function session(folder: string, faults: Faults, setAsides: SetAside[]): number {
  const core = new StateCore({
    folder,
    openDatabase: faults.open,
    onSetAside: (setAside) => setAsides.push(setAside),
  });
  const { torrents, failure } = core.open();
  let durable = 1;
  if (failure === null)
    assert.deepEqual(torrents, [markedTorrent(hashOf(1), 1), markedTorrent(hashOf(2), 1)]);
  for (const number of [2, 3]) {
    const refused = core.commit(state(number));
    if (refused === null) durable = number;
    if (failure !== null) assert.deepEqual(refused, failure, 'without a lock nothing is written');
    const { metainfo, failure: unanswered } = core.metainfo(hashOf(1));
    if (unanswered === null) assert.ok(metainfo !== null);
  }
  core.close();
  core.close();
  return durable;
}

for (const [name, code] of Object.entries({ FULL, IO_ERROR_FSYNC, CORRUPT, NO_MEMORY, BUSY, READ_ONLY })) {
  for (const isForGood of [false, true]) {
    const how = isForGood ? 'fails from then on' : 'fails once';
    test(`every call of the database ${how} with ${name}: what was said to be durable is there, whole`, (t) => {
      const folder = makeFolder(t);
      let number = 1;
      for (; ; number++) {
        for (const entry of readdirSync(folder)) rmSync(join(folder, entry));
        const prepared = new StateCore({ folder, openDatabase: openSqlDatabase, onSetAside: () => {} });
        prepared.open();
        assert.equal(prepared.commit(state(1)), null);
        prepared.close();
        const faults = new Faults(code, number, isForGood);
        const setAsides: SetAside[] = [];
        const durable = session(folder, faults, setAsides);
        const torrents = readFolder(folder);
        const found = torrents[0]!.progress.uploadedBytes;
        assert.deepEqual(torrents, [markedTorrent(hashOf(1), found), markedTorrent(hashOf(2), found)]);
        assert.ok(found >= durable, `call ${number}: ${durable} was durable, ${found} was found`);
        if (code !== CORRUPT) assert.deepEqual(setAsides, [], `call ${number}: nothing was damaged`);
        if (!faults.wasHit) break;
      }
      assert.ok(number > 30, `${number} calls were tried`);
    });
  }
}

test('every call of a rescue fails once: nothing is lost, and the next start finishes it', (t) => {
  for (const code of [FULL, IO_ERROR_FSYNC]) {
    const folder = makeFolder(t);
    let number = 1;
    for (; ; number++) {
      for (const entry of readdirSync(folder)) rmSync(join(folder, entry));
      const prepared = new StateCore({ folder, openDatabase: openSqlDatabase, onSetAside: () => {} });
      prepared.open();
      prepared.commit(state(1));
      prepared.close();
      const damaged = openSqlDatabase(join(folder, 'state.db'), 0);
      damaged.run("UPDATE resume SET verified = x'ff' WHERE torrent_id = 1", []);
      damaged.close();
      const faults = new Faults(code, number, false);
      let isReadFailure = false;
      const core = new StateCore({
        folder,
        openDatabase: faults.open,
        onSetAside: ({ lostTorrents }) => {
          // A part that the device did not give counts as damaged.
          isReadFailure = lostTorrents > 0 || code === IO_ERROR_FSYNC;
        },
      });
      core.open();
      core.close();
      const setAsides: SetAside[] = [];
      const next = new StateCore({
        folder,
        openDatabase: openSqlDatabase,
        onSetAside: (one) => setAsides.push(one),
      });
      const { torrents, failure } = next.open();
      next.close();
      assert.equal(failure, null);
      if (!isReadFailure) {
        assert.deepEqual(torrents, [
          { ...markedTorrent(hashOf(1), 1), resume: null },
          markedTorrent(hashOf(2), 1),
        ]);
      }
      assert.equal(readdirSync(folder).filter((entry) => entry.includes('damaged')).length, 1);
      if (!faults.wasHit) break;
    }
    assert.ok(number > 40, `${number} calls were tried`);
  }
});

test('a state folder that cannot be one is a failure', async (t) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const { recorder } = await openWorker((end) => t.after(end), join(folder, 'file', 'state'));
  assert.equal(recorder.last('opened').failure?.code, 'not-a-directory');
  const third = await openWorker((end) => t.after(end), join(folder, 'file'));
  assert.equal(third.recorder.last('opened').failure?.code, 'not-a-directory');
  mkdirSync(join(folder, 'dir', 'state.db'), { recursive: true });
  const second = await openWorker((end) => t.after(end), join(folder, 'dir'));
  assert.equal(second.recorder.last('opened').failure?.code, 'access-denied');
});

test('another process that has the folder is named, and its end by force frees it', async (t) => {
  const folder = makeFolder(t);
  const writer = fileURLToPath(new URL('./state-store-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [writer, folder, '1', 'core'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const { recorder } = await openWorker((end) => t.after(end), folder);
  const failure = recorder.last('opened').failure!;
  assert.equal(failure.code, 'in-use');
  assert.ok(
    failure.detail.includes(folder) && failure.detail.includes(`process ${child.pid}`),
    failure.detail,
  );
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const second = await openWorker((end) => t.after(end), folder);
  assert.equal(second.recorder.last('opened').failure, null);
});

test('a lock file that something was written to is emptied and used', async (t) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, 'state.lock'), 'not a database, and quite long enough for a header'.repeat(20));
  const first = await openWorker((end) => t.after(end), folder);
  assert.equal(first.recorder.last('opened').failure, null);
  const second = await openWorker((end) => t.after(end), folder);
  assert.equal(second.recorder.last('opened').failure?.code, 'in-use');
});

test('a worker that dies is told once, and every answer that is due comes', async (t) => {
  const folder = makeFolder(t);
  const { recorder, bugs } = await openWorker((end) => t.after(end), folder);
  // Values that cannot be bound are a bug of whoever saves; the types rule them out.
  const wrong = { ...markedUpdate(hashOf(1), 1), metainfo: [1] as unknown as Uint8Array };
  recorder.store.save(wrong);
  recorder.store.flush();
  recorder.store.loadMetainfo(hashOf(2));
  await until(() => recorder.all('flushed').length === 1);
  assert.equal(recorder.last('flushed').failure?.code, 'io-error');
  assert.equal(recorder.last('metainfo').failure?.code, 'io-error');
  assert.equal(bugs.length, 1);
  recorder.store.save(markedUpdate(hashOf(1), 1));
  recorder.store.close();
  await until(() => recorder.all('closed').length === 1);
  assert.equal(recorder.last('closed').failure?.code, 'io-error');
  const second = await openWorker((end) => t.after(end), folder);
  assert.equal(second.recorder.last('opened').failure, null, 'the lock went with the thread');
});
