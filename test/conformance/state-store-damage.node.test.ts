/**
 * Owns the state store on damaged files: garbage, cuts, and a flipped byte in every page. Whatever is done to the file,
 * the store opens or says why not, claims nothing that was not saved, and deletes nothing.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openSqlDatabase } from '../../src/node/store/sql-database.ts';
import { StateCore } from '../../src/node/store/state-core.ts';
import { NO_PROGRESS, type SetAside, type StoredTorrent } from '../../src/ports/state-store.ts';
import { hashOf, markedTorrent, markedUpdate } from './state-store-recorder.ts';

const COUNT = 40;

class Scene {
  readonly folder: string;
  readonly setAsides: SetAside[] = [];

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'spate-damage-'));
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(suffix = ''): string {
    return join(this.folder, `state.db${suffix}`);
  }

  core(): StateCore {
    return new StateCore({
      folder: this.folder,
      openDatabase: openSqlDatabase,
      onSetAside: (setAside) => this.setAsides.push(setAside),
    });
  }

  /** Stores torrents 1 to `count` and closes. */
  fill(count = COUNT): void {
    const core = this.core();
    assert.equal(core.open().failure, null);
    const changes = Array.from({ length: count }, (_, i) => {
      const update = markedUpdate(hashOf(i + 1), i + 1);
      return { infoHash: update.infoHash, isRemoved: false, update };
    });
    assert.equal(core.commit(changes), null);
    core.close();
  }

  /** Opens, asks for all metainfo, writes, closes; the torrents that were found. */
  use(): StoredTorrent[] {
    const core = this.core();
    const { torrents, failure } = core.open();
    assert.equal(failure?.detail, undefined);
    for (const { infoHash } of torrents) {
      const { metainfo, failure: refusal } = core.metainfo(infoHash);
      const number = Number.parseInt(infoHash.slice(0, 8), 16);
      if (metainfo !== null) assert.deepEqual(metainfo, markedUpdate(infoHash, number).metainfo);
      else assert.ok(refusal === null || refusal.code === 'damaged', JSON.stringify(refusal));
    }
    const update = markedUpdate(hashOf(9999), 9999);
    assert.equal(core.commit([{ infoHash: update.infoHash, isRemoved: false, update }]), null);
    core.close();
    const again = this.core();
    assert.ok(again.open().torrents.some((one) => one.infoHash === hashOf(9999)));
    again.close();
    return torrents;
  }

  asideFiles(): string[] {
    return readdirSync(this.folder).filter((name) => name.includes('damaged'));
  }
}

/** Each part of each torrent is what was saved, or missing. Returns how many torrents are whole but for metainfo. */
function assertHonest(torrents: readonly StoredTorrent[]): number {
  let whole = 0;
  for (const torrent of torrents) {
    const number = Number.parseInt(torrent.infoHash.slice(0, 8), 16);
    const saved = markedTorrent(torrent.infoHash, number);
    assert.equal(torrent.infoHash, hashOf(number));
    assert.deepEqual(torrent.settings, saved.settings);
    if (torrent.progress !== NO_PROGRESS) assert.deepEqual(torrent.progress, saved.progress);
    if (torrent.resume !== null) assert.deepEqual(torrent.resume, saved.resume);
    if (torrent.progress !== NO_PROGRESS && torrent.resume !== null) whole++;
  }
  return whole;
}

test('a file of garbage is set aside, as it is, and a fresh one begun', (t) => {
  const scene = new Scene(t);
  const garbage = Buffer.alloc(9000, 'garbage');
  writeFileSync(scene.path(), garbage);
  assert.deepEqual(scene.use(), []);
  assert.equal(scene.setAsides.length, 1);
  assert.deepEqual(readFileSync(scene.setAsides[0]!.path), garbage);
});

test('a second damaged file in the same second has another name', (t) => {
  const scene = new Scene(t);
  for (let i = 0; i < 3; i++) {
    writeFileSync(scene.path(), Buffer.alloc(100, `garbage ${i}`));
    scene.use();
  }
  assert.equal(scene.asideFiles().length, 3);
});

test('a file cut short anywhere keeps what is before the cut, and claims nothing else', (t) => {
  const scene = new Scene(t);
  scene.fill();
  const bytes = readFileSync(scene.path());
  let best = 0;
  for (let length = 0; length < bytes.length; length += 4096 * 3 - 100) {
    writeFileSync(scene.path(), bytes.subarray(0, length));
    const whole = assertHonest(scene.use());
    if (scene.setAsides.length > 0) best = Math.max(best, whole);
    // The end of the last page may be unused.
    else if (length > 0) assert.ok(whole === COUNT && bytes.length - length < 4096, `a cut at ${length}`);
    scene.setAsides.length = 0;
    for (const name of scene.asideFiles()) rmSync(join(scene.folder, name));
  }
  assert.ok(best > COUNT / 2, `at best ${best} of ${COUNT} were kept`);
});

test('a byte flipped in any page is noticed or does not matter', (t) => {
  const scene = new Scene(t);
  scene.fill(12);
  const bytes = readFileSync(scene.path());
  const pages = bytes.length / 4096;
  let kept = 0;
  let runs = 0;
  for (let page = 0; page < pages; page++) {
    for (const offset of [0, 3, 8, 21, 60, 100, 108, 600, 2048, 3500, 4000, 4095]) {
      const flipped = Buffer.from(bytes);
      const at = page * 4096 + offset;
      flipped[at] = flipped[at]! ^ (offset % 2 === 0 ? 0x41 : 0xff);
      writeFileSync(scene.path(), flipped);
      const core = scene.core();
      const { torrents, failure } = core.open();
      core.close();
      if (failure === null) {
        assertHonest(scene.use());
        kept += assertHonest(torrents);
        runs++;
      } else assert.equal(failure.code, 'newer-schema', `page ${page} offset ${offset}: ${failure.detail}`);
      for (const name of scene.asideFiles()) rmSync(join(scene.folder, name));
    }
  }
  assert.ok(runs > 12 * pages - 4, `${runs} of ${12 * pages} opened`);
  assert.ok(kept / runs > 11, `${kept / runs} of 12 torrents are kept on average`);
});

test('damage that shows while the store runs is cleared away, and the work goes on', (t) => {
  const scene = new Scene(t);
  scene.fill();
  const core = scene.core();
  assert.equal(core.open().failure, null);
  // On the device, where the store has not looked yet: the last pages are metainfo.
  const file = openSync(scene.path(), 'r+');
  writeSync(file, Buffer.alloc(4096 * 20, 0xaa), 0, 4096 * 20, fstatSync(file).size - 4096 * 20);
  closeSync(file);
  const damaged = core.metainfo(hashOf(COUNT));
  assert.deepEqual([damaged.metainfo, damaged.failure?.code], [null, 'damaged']);
  assert.equal(scene.setAsides.length, 1);
  assert.deepEqual(core.metainfo(hashOf(1)), {
    metainfo: markedUpdate(hashOf(1), 1).metainfo,
    failure: null,
  });
  const update = markedUpdate(hashOf(COUNT), COUNT);
  assert.equal(core.commit([{ infoHash: update.infoHash, isRemoved: false, update }]), null);
  core.close();
  const torrents = scene.use();
  // Some resume data may lie between the metainfo.
  assert.ok(assertHonest(torrents) > COUNT - 5 && torrents.length === COUNT);
  assert.equal(scene.setAsides.length, 1);
});

test('a database of another program is set aside', (t) => {
  const scene = new Scene(t);
  const other = new DatabaseSync(scene.path());
  other.exec('CREATE TABLE torrent (a); INSERT INTO torrent VALUES (1)');
  other.close();
  assert.deepEqual(scene.use(), []);
  assert.match(scene.setAsides[0]!.reason, /another program/);
});

test('a row that was edited by hand, with a checksum that fits, and makes no sense is damage', (t) => {
  const scene = new Scene(t);
  scene.fill(2);
  const database = new DatabaseSync(scene.path());
  database.exec("UPDATE torrent SET info_hash = x'00' WHERE id = 1");
  database.exec('UPDATE progress SET uploaded_bytes = 9223372036854775807 WHERE torrent_id = 2');
  database.close();
  const torrents = scene.use();
  assert.deepEqual(torrents, [{ ...markedTorrent(hashOf(2), 2), progress: NO_PROGRESS }]);
});

test('a replacement that was interrupted after the damaged file was moved is finished', (t) => {
  const scene = new Scene(t);
  scene.fill(2);
  renameSync(scene.path(), scene.path('.fresh'));
  writeFileSync(scene.path('-wal'), 'changes of the damaged file');
  assert.equal(scene.use().length, 2);
  assert.equal(existsSync(scene.path('.fresh')), false);
  const [aside] = scene.asideFiles();
  assert.equal(readFileSync(join(scene.folder, aside!), 'latin1'), 'changes of the damaged file');
});

test('a replacement that was interrupted before the damaged file was moved is begun again', (t) => {
  const scene = new Scene(t);
  scene.fill(2);
  copyFileSync(scene.path(), scene.path('.fresh'));
  writeFileSync(scene.path('.fresh-journal'), 'half');
  assert.equal(scene.use().length, 2);
  assert.deepEqual(readdirSync(scene.folder).sort(), ['state.db', 'state.lock']);
});
