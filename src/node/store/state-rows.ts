/**
 * Owns reading and writing of torrents in an open, migrated state database. Transactions are the caller's.
 */
import { fromHex, toHex } from '../../base/text.ts';
import { NO_PROGRESS, type StoredTorrent, type TorrentSettings } from '../../ports/state-store.ts';
import type { StateChange } from '../../store/state-changes.ts';
import type { SqlDatabase, SqlRow } from './sql-database.ts';
import { StateDamage } from './state-failures.ts';
import { METAINFO, PROGRESS, RESUME, readPart, SETTINGS, type StatePart, sumOf } from './state-parts.ts';

const SETTINGS_AT = 2;
const PROGRESS_AT = SETTINGS_AT + SETTINGS.columns.length + 1;
const RESUME_AT = PROGRESS_AT + PROGRESS.columns.length + 1;

const SELECT_TORRENTS = `
  SELECT t.info_hash, m.torrent_id IS NOT NULL,
    ${columnsOf(SETTINGS, 't')}, ${columnsOf(PROGRESS, 'p')}, ${columnsOf(RESUME, 'r')}
  FROM torrent t
    LEFT JOIN progress p ON p.torrent_id = t.id
    LEFT JOIN resume r ON r.torrent_id = t.id
    LEFT JOIN metainfo m ON m.torrent_id = t.id
  ORDER BY t.id`;

const INSERT_TORRENT = `INSERT INTO torrent (info_hash, ${SETTINGS.columns.join(', ')}, sum)
  VALUES (${marks(SETTINGS.columns.length + 2)})
  ON CONFLICT (info_hash) DO UPDATE SET ${assignments(SETTINGS)}`;
const INSERT_PROGRESS = insertPart(PROGRESS);
const INSERT_RESUME = insertPart(RESUME);
const INSERT_METAINFO = insertPart(METAINFO);
const SELECT_ID = 'SELECT id FROM torrent WHERE info_hash = ?';
const SELECT_METAINFO = `SELECT ${columnsOf(METAINFO, 'm')}
  FROM metainfo m JOIN torrent t ON t.id = m.torrent_id WHERE t.info_hash = ?`;

/** Every torrent, in order of arrival, without its metainfo. Throws `StateDamage` at the first that is not sound. */
export function readTorrents(database: SqlDatabase): StoredTorrent[] {
  return database.all(SELECT_TORRENTS, []).map((row) => {
    const infoHash = infoHashOf(row[0]);
    const settings = readPart(SETTINGS, infoHash, row, SETTINGS_AT);
    if (settings === null) throw new StateDamage('a torrent has no settings');
    return {
      infoHash,
      hasMetainfo: row[1] === 1,
      settings,
      progress: readPart(PROGRESS, infoHash, row, PROGRESS_AT) ?? NO_PROGRESS,
      resume: readPart(RESUME, infoHash, row, RESUME_AT),
    };
  });
}

/** The metainfo of a torrent, or null. Throws `StateDamage`. */
export function readMetainfo(database: SqlDatabase, infoHash: string): Uint8Array | null {
  const row = database.all(SELECT_METAINFO, [hashBytes(infoHash)])[0];
  return row === undefined ? null : readPart(METAINFO, infoHash, row, 0);
}

/** One part of the torrent with this id; null when there is none. Throws `StateDamage`. */
export function readPartOf<T>(
  database: SqlDatabase,
  part: StatePart<T>,
  id: number,
  infoHash: string,
): T | null {
  const key = part.table === SETTINGS.table ? 'id' : 'torrent_id';
  const sql = `SELECT ${columnsOf(part, 'x')} FROM ${part.table} x WHERE ${key} = ?`;
  const row = database.all(sql, [id])[0];
  return row === undefined ? null : readPart(part, infoHash, row, 0);
}

export interface TorrentIdentity {
  readonly id: number;
  readonly infoHash: string;
}

/** The id and info hash of a row of a query that begins with them. */
export function identityOf(row: SqlRow): TorrentIdentity {
  const id = row[0];
  if (typeof id !== 'number') throw new StateDamage('a torrent has no id');
  return { id, infoHash: infoHashOf(row[1]) };
}

/** Makes one change, inside a transaction of the caller's. */
export function writeChange(database: SqlDatabase, change: StateChange): void {
  const hash = hashBytes(change.infoHash);
  if (change.isRemoved) database.run('DELETE FROM torrent WHERE info_hash = ?', [hash]);
  const { update } = change;
  if (update === null) return;
  if (update.settings !== undefined) writeSettings(database, change.infoHash, update.settings);
  const id = database.all(SELECT_ID, [hash])[0]?.[0];
  // Parts of a torrent that is not there: it was removed before.
  if (typeof id !== 'number') return;
  const target = { database, id, infoHash: change.infoHash };
  if (update.metainfo !== undefined) writePart(target, METAINFO, INSERT_METAINFO, update.metainfo);
  if (update.progress !== undefined) writePart(target, PROGRESS, INSERT_PROGRESS, update.progress);
  if (update.resume === null) database.run('DELETE FROM resume WHERE torrent_id = ?', [id]);
  else if (update.resume !== undefined) writePart(target, RESUME, INSERT_RESUME, update.resume);
}

interface Target {
  readonly database: SqlDatabase;
  readonly id: number;
  readonly infoHash: string;
}

function writeSettings(database: SqlDatabase, infoHash: string, settings: TorrentSettings): void {
  const values = SETTINGS.toValues(settings);
  database.run(INSERT_TORRENT, [hashBytes(infoHash), ...values, sumOf(SETTINGS.table, infoHash, values)]);
}

function writePart<T>(target: Target, part: StatePart<T>, sql: string, value: T): void {
  const values = part.toValues(value);
  target.database.run(sql, [target.id, ...values, sumOf(part.table, target.infoHash, values)]);
}

function insertPart<T>(part: StatePart<T>): string {
  return `INSERT INTO ${part.table} (torrent_id, ${part.columns.join(', ')}, sum)
    VALUES (${marks(part.columns.length + 2)})
    ON CONFLICT (torrent_id) DO UPDATE SET ${assignments(part)}`;
}

function assignments<T>(part: StatePart<T>): string {
  return [...part.columns, 'sum'].map((column) => `${column} = excluded.${column}`).join(', ');
}

function columnsOf<T>(part: StatePart<T>, alias: string): string {
  return [...part.columns, 'sum'].map((column) => `${alias}.${column}`).join(', ');
}

function marks(count: number): string {
  return new Array(count).fill('?').join(', ');
}

/** The key of a torrent: the raw bytes of its info hash, which was checked when it came in. */
function hashBytes(infoHash: string): Uint8Array {
  return fromHex(infoHash)!;
}

function infoHashOf(value: SqlRow[number] | undefined): string {
  if (!(value instanceof Uint8Array) || (value.length !== 20 && value.length !== 32)) {
    throw new StateDamage('a torrent has no info hash');
  }
  return toHex(value);
}
