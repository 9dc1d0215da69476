/**
 * Owns the hold on a state folder: one process at a time, and within it one store.
 *
 * The lock is SQLite's exclusive lock on an empty file, because that is the one lock on all systems that Node brings and
 * that ends with the process, however it ends. It is apart from the database, so that a damaged database can be replaced
 * under it. Who has it is told by a file of its own, which nobody trusts.
 */
import type { OpenSqlDatabase, SqlDatabase } from './sql-database.ts';
import { damageOf, StateRefusal, stateFailure } from './state-failures.ts';
import type { StatePaths } from './state-paths.ts';

/** A process that is just ending gets this long; longer, and a person who started a second one waits for nothing. */
const LOCK_TIMEOUT_MS = 500;

export class StateLock {
  readonly #database: SqlDatabase;
  readonly #paths: StatePaths;

  private constructor(database: SqlDatabase, paths: StatePaths) {
    this.#database = database;
    this.#paths = paths;
  }

  /** Takes the lock. Throws `StateRefusal` with `in-use` when another store has it. */
  static take(paths: StatePaths, openDatabase: OpenSqlDatabase): StateLock {
    let database: SqlDatabase;
    try {
      database = lock(paths, openDatabase);
    } catch (error) {
      const failure = stateFailure(error, 'lock', paths.folder);
      if (failure.code !== 'in-use') throw new StateRefusal(failure);
      const pid = paths.readPid();
      const detail = pid === null ? paths.folder : `${paths.folder} (process ${pid} has it)`;
      throw new StateRefusal({ ...failure, detail });
    }
    paths.writePid();
    return new StateLock(database, paths);
  }

  release(): void {
    try {
      this.#paths.removePid();
    } finally {
      this.#database.close();
    }
  }
}

function lock(paths: StatePaths, openDatabase: OpenSqlDatabase): SqlDatabase {
  try {
    return tryLock(paths, openDatabase);
  } catch (error) {
    if (damageOf(error) === null) throw error;
    // Something was written into the file. Nobody has the lock, for then this would have failed for that reason.
    paths.emptyLock();
    return tryLock(paths, openDatabase);
  }
}

function tryLock(paths: StatePaths, openDatabase: OpenSqlDatabase): SqlDatabase {
  const database = openDatabase(paths.lock, LOCK_TIMEOUT_MS);
  try {
    // Nothing is ever written, so no journal is needed.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
