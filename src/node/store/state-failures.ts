/**
 * Owns what an error met in the store means: damage, which sets the file aside, or a failure of the world, which is told
 * and tried again. Anything else is a bug and passes through.
 */
import type { FailureCode } from '../../ports/failure.ts';
import { FileSystemError } from '../../ports/file-system.ts';
import type { StateFailure } from '../../ports/state-store.ts';
import { SqlError } from './sql-database.ts';

/** The stored state is not what this program wrote. The message is a phrase for people. */
export class StateDamage extends Error {
  override readonly name = 'StateDamage';
}

/** A failure on its way to the caller. */
export class StateRefusal extends Error {
  override readonly name = 'StateRefusal';
  readonly failure: StateFailure;

  constructor(failure: StateFailure) {
    super(`${failure.operation} ${failure.detail}: ${failure.code}`);
    this.failure = failure;
  }
}

const SQLITE_ERROR = 1;
const SQLITE_PERM = 3;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_NOMEM = 7;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_TOOBIG = 18;
const SQLITE_CONSTRAINT = 19;
const SQLITE_MISMATCH = 20;
const SQLITE_NOTADB = 26;

/**
 * Codes that say that the file is wrong. ERROR is among them: our statements are right, so a table or a column is missing
 * or another one is there. TOOBIG, CONSTRAINT and MISMATCH likewise: our values fit.
 */
const DAMAGE_CODES: ReadonlySet<number> = new Set([
  SQLITE_ERROR,
  SQLITE_CORRUPT,
  SQLITE_TOOBIG,
  SQLITE_CONSTRAINT,
  SQLITE_MISMATCH,
  SQLITE_NOTADB,
]);

const FAILURE_OF_CODE: ReadonlyMap<number, FailureCode | 'in-use'> = new Map([
  [SQLITE_PERM, 'access-denied'],
  [SQLITE_BUSY, 'in-use'],
  [SQLITE_LOCKED, 'in-use'],
  [SQLITE_READONLY, 'read-only'],
  [SQLITE_IOERR, 'io-error'],
  [SQLITE_FULL, 'disk-full'],
  [SQLITE_CANTOPEN, 'access-denied'],
]);

/** What is wrong with the stored state, for people, or null when the error says nothing of the kind. */
export function damageOf(error: unknown): string | null {
  if (error instanceof StateDamage) return error.message;
  return error instanceof SqlError && DAMAGE_CODES.has(error.primaryCode) ? error.message : null;
}

/** The failure that `error` is, met in `operation` on `detail`. Throws what is a bug. */
export function stateFailure(error: unknown, operation: string, detail: string): StateFailure {
  if (error instanceof StateRefusal) return error.failure;
  if (error instanceof FileSystemError) {
    return { code: error.code, operation: error.operation, detail: error.path };
  }
  const damage = damageOf(error);
  if (damage !== null) return { code: 'damaged', operation, detail: `${detail} (${damage})` };
  if (!(error instanceof SqlError)) throw error;
  const code = FAILURE_OF_CODE.get(error.primaryCode) ?? 'other';
  return { code, operation, detail: `${detail} (SQLite ${error.resultCode}: ${error.message})` };
}

/** The device does not give back what is stored, or not so that it can be held. */
export function isReadError(error: unknown): boolean {
  return error instanceof SqlError && (error.primaryCode === SQLITE_IOERR || isLackOfMemory(error));
}

/** SQLite was refused memory: there is none, or a damaged file made it ask for too much. */
export function isLackOfMemory(error: unknown): boolean {
  return error instanceof SqlError && error.primaryCode === SQLITE_NOMEM;
}
