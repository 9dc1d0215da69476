/**
 * Owns the schema of the state file: its versions, and the steps from each to the next.
 *
 * A step that was released is never edited: a file that went through it is out there. The version is `user_version`; a
 * file's migration is one transaction, so that it has one version or another. `application_id` tells our files from
 * those of other programs.
 */
import type { SqlDatabase } from './sql-database.ts';
import { StateDamage, StateRefusal } from './state-failures.ts';

/** "SPAT" in ASCII. */
const APPLICATION_ID = 0x53504154;
/** Beyond this a version is damage and no future. */
const MAX_PLAUSIBLE_VERSION = 1000;

/**
 * Version 1. Parts that change at different paces lie in tables of their own, so that a save rewrites only what changed.
 * `sum` is the row's checksum (state-parts.ts).
 */
const VERSION_1 = `
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
`;

/** Step `i` leads from version `i` to `i + 1`. */
export const MIGRATIONS: readonly string[] = [VERSION_1];

/**
 * Brings the database to the newest version. Throws `StateDamage` for one that is not ours, and `StateRefusal` with
 * `newer-schema` for one of a newer program, which stays as it is.
 */
export function migrate(database: SqlDatabase, path: string, steps: readonly string[] = MIGRATIONS): void {
  const version = pragma(database, 'user_version');
  const applicationId = pragma(database, 'application_id');
  if (version < 0 || version > MAX_PLAUSIBLE_VERSION) throw new StateDamage(`its version is ${version}`);
  const isFresh = version === 0 && applicationId === 0;
  if (!isFresh && applicationId !== APPLICATION_ID) throw new StateDamage('it belongs to another program');
  if (isFresh && database.all('SELECT count(*) FROM sqlite_schema', [])[0]![0] !== 0) {
    throw new StateDamage('it belongs to another program');
  }
  if (version > steps.length) {
    throw new StateRefusal({
      code: 'newer-schema',
      operation: 'open',
      detail: `${path} (version ${version}, this program knows ${steps.length})`,
    });
  }
  if (version === steps.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${steps.length}`);
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** Ends a transaction that failed. */
export function rollBack(database: SqlDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, or the connection is of no use; the error that led here says what happened.
  }
}

function pragma(database: SqlDatabase, name: string): number {
  const value = database.all(`PRAGMA ${name}`, [])[0]?.[0];
  if (typeof value !== 'number') throw new StateDamage(`it has no ${name}`);
  return value;
}
