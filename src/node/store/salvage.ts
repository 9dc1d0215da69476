/**
 * Owns the rescue of what is sound in a damaged state database: a copy of every torrent whose settings can be read and
 * carry the right checksum, without those of its other parts that do not.
 *
 * Trouble in reading is what is expected here and costs the part; trouble in writing ends the rescue, and the damaged
 * file stays where it is.
 */
import type { StateChange } from '../../store/state-changes.ts';
import type { OpenSqlDatabase, SqlDatabase } from './sql-database.ts';
import { damageOf, isReadError } from './state-failures.ts';
import { METAINFO, PROGRESS, RESUME, SETTINGS, type StatePart } from './state-parts.ts';
import { identityOf, readPartOf, type TorrentIdentity, writeChange } from './state-rows.ts';
import { migrate } from './state-schema.ts';

export interface SalvageResult {
  readonly keptTorrents: number;
  /** Torrents that were seen, and whose settings are not sound. */
  readonly lostTorrents: number;
}

/** Three ways through two trees: what is behind a broken page on one way may be before it on another. */
const LISTINGS: readonly string[] = [
  'SELECT id, info_hash FROM torrent NOT INDEXED ORDER BY id LIMIT ? OFFSET ?',
  'SELECT id, info_hash FROM torrent NOT INDEXED ORDER BY id DESC LIMIT ? OFFSET ?',
  'SELECT id, info_hash FROM torrent INDEXED BY sqlite_autoindex_torrent_1 ORDER BY info_hash LIMIT ? OFFSET ?',
];
/** Rows of a listing fetched at a time; fewer and fewer where it breaks off, to get at all that is before the break. */
const LISTING_ROWS = 1024;
const BUSY_TIMEOUT_MS = 2000;

/** Copies from the file at `source` to a new one at `target`, which is closed and durable in the end. */
export function salvage(openDatabase: OpenSqlDatabase, source: string, target: string): SalvageResult {
  const to = openDatabase(target, BUSY_TIMEOUT_MS);
  try {
    to.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = 1');
    migrate(to, target);
    const from = openSource(openDatabase, source);
    try {
      return from === null ? { keptTorrents: 0, lostTorrents: 0 } : copyTorrents(from, to);
    } finally {
      attempt(() => from?.close());
    }
  } finally {
    to.close();
  }
}

/** The damaged database, or null when nothing can be made of it. */
function openSource(openDatabase: OpenSqlDatabase, path: string): SqlDatabase | null {
  const database = openDatabase(path, BUSY_TIMEOUT_MS, true);
  let isUsable = false;
  try {
    isUsable = attempt(() => prepareSource(database, path)) ?? false;
  } finally {
    if (!isUsable) attempt(() => database.close());
  }
  return isUsable ? database : null;
}

function prepareSource(database: SqlDatabase, path: string): boolean {
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  migrate(database, path);
  return true;
}

function copyTorrents(from: SqlDatabase, to: SqlDatabase): SalvageResult {
  const identities = listTorrents(from);
  const seen = new Set<string>();
  const kept = new Set<string>();
  to.exec('BEGIN IMMEDIATE');
  for (const { id, infoHash } of identities) {
    seen.add(infoHash);
    const change = kept.has(infoHash) ? null : readTorrent(from, id, infoHash);
    if (change === null) continue;
    writeChange(to, change);
    kept.add(infoHash);
  }
  to.exec('COMMIT');
  return { keptTorrents: kept.size, lostTorrents: seen.size - kept.size };
}

/** Every pair of an id and an info hash that some listing has. Damage can make them contradict each other. */
function listTorrents(from: SqlDatabase): Iterable<TorrentIdentity> {
  const found = new Map<string, TorrentIdentity>();
  for (const listing of LISTINGS) {
    let offset = 0;
    for (let limit = LISTING_ROWS; limit > 0; ) {
      const rows = attempt(() => from.all(listing, [limit, offset]));
      if (rows === null) {
        limit = Math.floor(limit / 2);
        continue;
      }
      for (const row of rows) {
        const identity = attempt(() => identityOf(row));
        if (identity !== null) found.set(`${identity.id} ${identity.infoHash}`, identity);
      }
      if (rows.length < limit) break;
      offset += rows.length;
    }
  }
  return found.values();
}

function readTorrent(from: SqlDatabase, id: number, infoHash: string): StateChange | null {
  const read = <T>(part: StatePart<T>): T | null => attempt(() => readPartOf(from, part, id, infoHash));
  const settings = read(SETTINGS);
  if (settings === null) return null;
  const metainfo = read(METAINFO);
  const progress = read(PROGRESS);
  const resume = read(RESUME);
  const update = {
    infoHash,
    settings,
    ...(metainfo === null ? {} : { metainfo }),
    ...(progress === null ? {} : { progress }),
    ...(resume === null ? {} : { resume }),
  };
  return { infoHash, isRemoved: false, update };
}

/** What `action` reads; null when that is damaged or the device does not give it. */
function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch (error) {
    if (damageOf(error) === null && !isReadError(error)) throw error;
    return null;
  }
}
