/**
 * Owns the narrow door to SQLite: four calls, so that tests can fail each one, and errors with SQLite's own codes.
 *
 * A connection belongs to one thread. Statements are prepared once a connection and kept.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = SqlValue[];

/** One connection. Every call throws {@link SqlError} when SQLite or the world below it says no. */
export interface SqlDatabase {
  /** Runs statements that have no parameters and no results. */
  exec(sql: string): void;
  run(sql: string, values: readonly SqlValue[]): void;
  /** All rows, each an array in order of the columns. Blobs are the caller's own. */
  all(sql: string, values: readonly SqlValue[]): SqlRow[];
  /** Harmless when closed. */
  close(): void;
}

/**
 * Opens or makes the file at `path`; waits `busyTimeoutMs` for locks of others, at each call. One that `isDamaged` is read
 * as far as it goes, also when it is shorter than it says.
 */
export type OpenSqlDatabase = (path: string, busyTimeoutMs: number, isDamaged?: boolean) => SqlDatabase;

/** What SQLite said. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  /** Extended result code (sqlite.org/rescode.html). */
  readonly resultCode: number;

  constructor(resultCode: number, message: string) {
    super(message);
    this.resultCode = resultCode;
  }

  /** The primary result code: the low byte. */
  get primaryCode(): number {
    return this.resultCode & 0xff;
  }
}

/** SQLITE_MISMATCH: a value that this program never wrote. */
const WRONG_VALUE = 20;

export const openSqlDatabase: OpenSqlDatabase = (path, busyTimeoutMs, isDamaged = false) =>
  guarded(() => {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs, defensive: !isDamaged });
    // What makes SQLite believe the file rather than its header; refused to a defensive connection. It reads nothing, so
    // it cannot fail.
    if (isDamaged) database.exec('PRAGMA writable_schema = ON');
    return new NodeSqlDatabase(database);
  });

class NodeSqlDatabase implements SqlDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  exec(sql: string): void {
    guarded(() => this.#database.exec(sql));
  }

  run(sql: string, values: readonly SqlValue[]): void {
    guarded(() => this.#prepare(sql).run(...values));
  }

  all(sql: string, values: readonly SqlValue[]): SqlRow[] {
    // With `returnArrays` rows are arrays, which the types of Node do not follow.
    return guarded(() => this.#prepare(sql).all(...values) as unknown as SqlRow[]);
  }

  close(): void {
    if (!this.#database.isOpen) return;
    this.#statements.clear();
    guarded(() => this.#database.close());
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw sqlError(error);
  }
}

/** The error in our terms; one that is not SQLite's is a bug of ours and passes through unchanged. */
function sqlError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ERR_OUT_OF_RANGE') return new SqlError(WRONG_VALUE, error.message);
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error) || typeof error.errcode !== 'number') {
    return error;
  }
  return new SqlError(error.errcode, error.message);
}
