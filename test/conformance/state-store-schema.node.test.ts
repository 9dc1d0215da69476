/**
 * Owns the versions of the state file: each old one is opened from how it was stored, a newer one is refused and left
 * alone, and a migration that fails leaves the old version.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openSqlDatabase } from '../../src/node/store/sql-database.ts';
import { StateCore } from '../../src/node/store/state-core.ts';
import { StateDamage, StateRefusal } from '../../src/node/store/state-failures.ts';
import { MIGRATIONS, migrate } from '../../src/node/store/state-schema.ts';
import { hashOf, markedTorrent, markedUpdate } from './state-store-recorder.ts';
import { readFolder } from './state-store-world.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'spate-schema-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Version 1 with torrent 1 in it, as it was stored. Never edited. */
const STORED_VERSION_1 = `
  PRAGMA application_id = 1397768532;
  PRAGMA user_version = 1;
  CREATE TABLE torrent (
    id INTEGER PRIMARY KEY,
    info_hash BLOB NOT NULL UNIQUE,
    directory TEXT NOT NULL,
    selected_files BLOB,
    peers TEXT NOT NULL,
    use_trackers INTEGER NOT NULL,
    is_paused INTEGER NOT NULL,
    is_seeding INTEGER NOT NULL,
    is_super_seeding INTEGER NOT NULL,
    max_down_rate REAL NOT NULL,
    max_up_rate REAL NOT NULL,
    max_ratio REAL,
    max_seeding_ms REAL,
    sum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE progress (
    torrent_id INTEGER PRIMARY KEY REFERENCES torrent (id) ON DELETE CASCADE,
    uploaded_bytes INTEGER NOT NULL,
    downloaded_bytes INTEGER NOT NULL,
    wasted_bytes INTEGER NOT NULL,
    added_at REAL NOT NULL,
    completed_at REAL,
    active_ms REAL NOT NULL,
    seeding_ms REAL NOT NULL,
    completed_announced INTEGER NOT NULL,
    good_peers TEXT NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE resume (
    torrent_id INTEGER PRIMARY KEY REFERENCES torrent (id) ON DELETE CASCADE,
    piece_count INTEGER NOT NULL,
    verified BLOB NOT NULL,
    partials BLOB NOT NULL,
    file_lengths BLOB NOT NULL,
    file_times BLOB NOT NULL,
    boot_id TEXT,
    sum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE metainfo (
    torrent_id INTEGER PRIMARY KEY REFERENCES torrent (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;
  INSERT INTO torrent VALUES (
    1,
    x'00000001abababababababababababababababab',
    '/data/1',
    x'01000000',
    '["127.0.0.1:6881","[::1]:1"]',
    1,
    0,
    1,
    0,
    0,
    500000.5,
    1.1,
    NULL,
    2541922826
  );
  INSERT INTO progress VALUES (
    1,
    1,
    1099511627777,
    0,
    1700000000123,
    NULL,
    12.5,
    0,
    1,
    '["10.0.0.1:2"]',
    1934518461
  );
  INSERT INTO resume VALUES (
    1,
    1064,
    x'01010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101',
    x'000000000000000101',
    x'000000000000f03f000000000000f0bf',
    x'000000000000f43f0000000000000000',
    'boot 1',
    453321246
  );
  INSERT INTO metainfo VALUES (
    1,
    unhex(replace(hex(zeroblob(7000)), '00', '01')),
    3058913239
  );
`;

test('version 1 is opened', (t) => {
  const folder = folderOf(t);
  const database = new DatabaseSync(join(folder, 'state.db'));
  database.exec(STORED_VERSION_1);
  database.close();
  assert.deepEqual(readFolder(folder), [markedTorrent(hashOf(1), 1)]);
});

test('a newer version is refused with a sentence, and the file is left alone', (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'state.db');
  const newer = new DatabaseSync(path);
  newer.exec(STORED_VERSION_1);
  newer.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  newer.close();
  const before = readFileSync(path);
  const core = new StateCore({ folder, openDatabase: openSqlDatabase, onSetAside: () => assert.fail() });
  const { failure } = core.open();
  assert.equal(failure?.code, 'newer-schema');
  assert.match(failure.detail, /version 2, this program knows 1/);
  const update = markedUpdate(hashOf(2), 2);
  assert.equal(core.commit([{ infoHash: update.infoHash, isRemoved: false, update }])?.code, 'newer-schema');
  core.close();
  const after = new DatabaseSync(path);
  assert.equal(after.prepare('PRAGMA user_version').get()!['user_version'], MIGRATIONS.length + 1);
  assert.equal(after.prepare('SELECT count(*) AS n FROM torrent').get()!['n'], 1);
  after.close();
  assert.equal(readFileSync(path).length, before.length);
});

const STEPS = [
  'CREATE TABLE a (x INTEGER) STRICT',
  'ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1',
  'CREATE TABLE b AS SELECT y FROM a',
];

test('each version is brought to the newest, step by step', (t) => {
  for (let version = 1; version <= STEPS.length; version++) {
    const path = join(folderOf(t), 'state.db');
    const database = openSqlDatabase(path, 0);
    migrate(database, path, STEPS.slice(0, version));
    database.exec('INSERT INTO a (x) VALUES (41)');
    migrate(database, path, STEPS);
    assert.deepEqual(database.all('PRAGMA user_version', []), [[STEPS.length]]);
    if (version === 1) assert.deepEqual(database.all('SELECT y FROM b', []), [[42]]);
    migrate(database, path, STEPS);
    database.close();
  }
});

test('a migration that fails leaves the old version whole', (t) => {
  const path = join(folderOf(t), 'state.db');
  const database = openSqlDatabase(path, 0);
  migrate(database, path, STEPS.slice(0, 1));
  assert.throws(() => migrate(database, path, [...STEPS, 'CREATE TABLE a (z)']), /already exists/);
  assert.deepEqual(database.all('PRAGMA user_version', []), [[1]]);
  assert.deepEqual(database.all("SELECT name FROM sqlite_schema WHERE type = 'table'", []), [['a']]);
  database.close();
});

test('what is not ours, or says nonsense of itself, is damage', (t) => {
  const cases = [
    'CREATE TABLE theirs (x)',
    'PRAGMA application_id = 5; PRAGMA user_version = 1',
    'PRAGMA user_version = 1',
    'PRAGMA application_id = 1397768532; PRAGMA user_version = -1',
    'PRAGMA application_id = 1397768532; PRAGMA user_version = 100000',
  ];
  for (const sql of cases) {
    const path = join(folderOf(t), 'state.db');
    const database = openSqlDatabase(path, 0);
    database.exec(sql);
    assert.throws(() => migrate(database, path), StateDamage, sql);
    database.close();
  }
});

test('a version that is newer by one is refused, not taken for damage', (t) => {
  const path = join(folderOf(t), 'state.db');
  const database = openSqlDatabase(path, 0);
  migrate(database, path, STEPS);
  assert.throws(() => migrate(database, path, STEPS.slice(0, 2)), StateRefusal);
  database.close();
});
