/**
 * Owns the state file: opening it, loading, committing changes, and what is done when it is damaged. Synchronous; runs in
 * the store's worker. Pace, merging and retries are not its business.
 *
 * Invariants: while it is open it has the folder's lock; a commit that returned no failure survives a crash of the
 * process and of the machine, whole; nothing is returned that did not pass its checksum; a damaged file is moved, never
 * deleted, and the moved one's sound torrents are in the new one. Why SQLite is set up as it is:
 * docs/decisions/020-state-in-sqlite.md.
 */

import type { SetAside, StateFailure, StoredTorrent } from '../../ports/state-store.ts';
import type { StateChange } from '../../store/state-changes.ts';
import { salvage } from './salvage.ts';
import type { OpenSqlDatabase, SqlDatabase } from './sql-database.ts';
import { damageOf, isLackOfMemory, StateDamage, stateFailure } from './state-failures.ts';
import { StateLock } from './state-lock.ts';
import { StatePaths } from './state-paths.ts';
import { readMetainfo, readTorrents, writeChange } from './state-rows.ts';
import { migrate, rollBack } from './state-schema.ts';

export interface StateCoreOptions {
  /** Absolute path of the state folder; made when missing. */
  readonly folder: string;
  readonly openDatabase: OpenSqlDatabase;
  /** Told whenever a damaged file was set aside. */
  readonly onSetAside: (setAside: SetAside) => void;
}

/** Other programs look into the file at most for a moment. */
const BUSY_TIMEOUT_MS = 2000;
/** A log that grew beyond this is cut back when it is reused. */
const MAX_IDLE_WAL_BYTES = 8 * 1024 * 1024;
/** A file up to this size is checked whole after a crash, in about a tenth of a second; a larger one without metainfo. */
const MAX_WHOLE_CHECK_BYTES = 64 * 1024 * 1024;

const SETUP = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = 1;
  PRAGMA checkpoint_fullfsync = 1;
  PRAGMA journal_size_limit = ${MAX_IDLE_WAL_BYTES};
  PRAGMA cell_size_check = 1;
  PRAGMA trusted_schema = 0;
`;

export class StateCore {
  readonly #paths: StatePaths;
  readonly #openDatabase: OpenSqlDatabase;
  readonly #onSetAside: (setAside: SetAside) => void;
  #lock: StateLock | null = null;
  /** Null while closed, and after trouble until the next call. */
  #database: SqlDatabase | null = null;
  /** Why it could not be opened: then it stays closed, because it has no lock. */
  #refusal: StateFailure | null = null;

  constructor(options: StateCoreOptions) {
    this.#paths = new StatePaths(options.folder);
    this.#openDatabase = options.openDatabase;
    this.#onSetAside = options.onSetAside;
  }

  /** Takes the lock and loads all torrents. With a failure nothing is held, and everything else fails with it. */
  open(): { readonly torrents: StoredTorrent[]; readonly failure: StateFailure | null } {
    try {
      this.#paths.prepareFolder();
      this.#lock = StateLock.take(this.#paths, this.#openDatabase);
      return { torrents: this.#connect(), failure: null };
    } catch (error) {
      this.close();
      this.#refusal = stateFailure(error, 'open', this.#paths.database);
      return { torrents: [], failure: this.#refusal };
    }
  }

  /** Makes the changes durable in one transaction, or none of them. */
  commit(changes: readonly StateChange[]): StateFailure | null {
    return this.#attempt('write', (database) => writeChanges(database, changes)).failure;
  }

  metainfo(infoHash: string): {
    readonly metainfo: Uint8Array | null;
    readonly failure: StateFailure | null;
  } {
    const { value, failure, wasDamaged } = this.#attempt('read', (database) =>
      readMetainfo(database, infoHash),
    );
    if (failure !== null) return { metainfo: null, failure };
    if (value === null && wasDamaged) {
      const detail = `the metainfo of ${infoHash} in ${this.#paths.folder}`;
      return { metainfo: null, failure: { code: 'damaged', operation: 'read', detail } };
    }
    return { metainfo: value, failure: null };
  }

  /** Lets go of everything. Harmless when closed. What is committed is durable already, so closing cannot fail. */
  close(): void {
    this.#disconnect();
    try {
      this.#lock?.release();
    } catch (error) {
      // Throws what is a bug. The lock itself ends with its connection, or with the process.
      stateFailure(error, 'unlock', this.#paths.folder);
    }
    this.#lock = null;
  }

  /** Runs `action`, a second time after damage was cleared away. */
  #attempt<T>(operation: string, action: (database: SqlDatabase) => T): Attempt<T> {
    let wasDamaged = false;
    if (this.#refusal !== null) return { value: null, failure: this.#refusal, wasDamaged };
    for (;;) {
      try {
        if (this.#database === null) this.#connect();
        return { value: action(this.#database!), failure: null, wasDamaged };
      } catch (error) {
        const reason = this.#database === null ? damageOf(error) : damageIn(this.#database, error);
        if (reason === null || wasDamaged) return { ...this.#fail(error, operation), wasDamaged };
        wasDamaged = true;
        try {
          this.#replace(reason);
        } catch (second) {
          return { ...this.#fail(second, operation), wasDamaged };
        }
      }
    }
  }

  /** After trouble the connection is made anew: its view of the file may be as wrong as the file was. */
  #fail(error: unknown, operation: string): { readonly value: null; readonly failure: StateFailure } {
    this.#disconnect();
    return { value: null, failure: stateFailure(error, operation, this.#paths.database) };
  }

  /** Opens the database, or, when it is damaged, one with what is sound in it. */
  #connect(): StoredTorrent[] {
    try {
      return this.#connectOnce();
    } catch (error) {
      const reason = damageOf(error);
      if (reason === null) throw error;
      this.#replace(reason);
      return this.#connectOnce();
    }
  }

  #connectOnce(): StoredTorrent[] {
    this.#paths.finishReplacing();
    const wasLeftOpen = this.#paths.wasLeftOpen;
    const database = this.#openDatabase(this.#paths.database, BUSY_TIMEOUT_MS);
    try {
      database.exec(SETUP);
      migrate(database, this.#paths.database);
      if (wasLeftOpen) check(database, this.#paths.databaseBytes <= MAX_WHOLE_CHECK_BYTES);
      const torrents = readTorrents(database);
      this.#database = database;
      return torrents;
    } catch (error) {
      const reason = damageIn(database, error);
      closeQuietly(database);
      throw reason === null ? error : new StateDamage(reason);
    }
  }

  #disconnect(): void {
    if (this.#database !== null) closeQuietly(this.#database);
    this.#database = null;
  }

  /** Builds a database from what is sound, then moves the damaged one aside. Interrupted anywhere, it is begun again. */
  #replace(reason: string): void {
    this.#disconnect();
    this.#paths.removeFresh();
    const result = salvage(this.#openDatabase, this.#paths.database, this.#paths.fresh);
    const path = this.#paths.setAside();
    this.#paths.installFresh();
    this.#onSetAside({ path, reason, ...result });
  }
}

interface Attempt<T> {
  readonly value: T | null;
  readonly failure: StateFailure | null;
  /** The file was damaged and was replaced, or was to be. */
  readonly wasDamaged: boolean;
}

function writeChanges(database: SqlDatabase, changes: readonly StateChange[]): void {
  try {
    database.exec('BEGIN IMMEDIATE');
    for (const change of changes) writeChange(database, change);
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/**
 * What is wrong with the database that `error` was met in, or null when the error says nothing of the kind. A length that
 * makes no sense is met as a lack of memory; then the structure is looked at.
 */
function damageIn(database: SqlDatabase, error: unknown): string | null {
  if (!isLackOfMemory(error)) return damageOf(error);
  try {
    check(database, true);
    return null;
  } catch (found) {
    return damageOf(found) ?? (isLackOfMemory(found) ? 'it cannot be read to its end' : null);
  }
}

/** Throws `StateDamage` when the structure is broken. Contents are the checksums' business. */
function check(database: SqlDatabase, isWhole: boolean): void {
  const arguments_ = isWhole ? ['1'] : ['torrent', 'progress', 'resume'];
  for (const argument of arguments_) {
    const verdict = database.all(`PRAGMA quick_check(${argument})`, [])[0]?.[0];
    if (verdict !== 'ok') throw new StateDamage(String(verdict).split('\n', 1)[0]!);
  }
}

function closeQuietly(database: SqlDatabase): void {
  try {
    database.close();
  } catch (error) {
    // Throws what is a bug. Closing writes nothing that is not durable in the log already.
    stateFailure(error, 'close', 'the state');
  }
}
