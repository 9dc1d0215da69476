/**
 * Owns the decision, at the end of a check, which of the files that exist are somebody else's.
 *
 * Foreign is a wanted file under its final name of which no piece verifies. One exception, because nothing
 * was learnt about it: no piece of it could be hashed, as its neighbours in them are missing, and it has the
 * right length. Such a file stays untouched; the download goes to its incomplete name, and the two are
 * compared at the end. And one more: what a snapshot says was ours, and was changed since, is fetched again.
 */
import type { BitSet } from '../base/bit-set.ts';
import { NO_RIVAL, PLACE_FINAL, PLACE_NONE } from './file-table.ts';
import type { ResumedClaims } from './resumed-claims.ts';
import type { Storage } from './storage.ts';

/** The file at which the decision stopped: foreign, and not to be replaced. Null when there is none. */
export function foreignFile(storage: Storage, hashed: BitSet, claims: ResumedClaims | null): string | null {
  const { files, spec } = storage;
  for (let file = 0; file < spec.files.length; file++) {
    if (!spec.files[file]!.isWanted || !isForeign(storage, hashed, claims, file)) continue;
    if (!spec.overwrite) return files.names.final(file);
    // An empty file is cut where it stands; anything else stays there until ours is verified and takes its
    // name.
    if (spec.files[file]!.length > 0 && files.table.place[file] === PLACE_FINAL) {
      files.pool.close(files.open, file);
      files.table.place[file] = PLACE_NONE;
    }
  }
  return null;
}

function isForeign(storage: Storage, hashed: BitSet, claims: ResumedClaims | null, file: number): boolean {
  const { files, finisher, spec, verified } = storage;
  const { place, rivalLength, storedLength } = files.table;
  if (rivalLength[file] !== NO_RIVAL) return !finisher.isUndecided(file, rivalLength[file]!);
  if (place[file] !== PLACE_FINAL) return false;
  if (spec.files[file]!.length === 0) return storedLength[file]! > 0;
  if (!verified.isUntouched(file) || claims?.wasOurs(file)) return false;
  if (!finisher.isUndecided(file, storedLength[file]!) || wasHashed(storage, hashed, file)) return true;
  files.pool.close(files.open, file);
  place[file] = PLACE_NONE;
  return false;
}

function wasHashed(storage: Storage, hashed: BitSet, file: number): boolean {
  const first = hashed.nextSet(storage.layout.firstPieceOf(file));
  return first >= 0 && first < storage.layout.endPieceOf(file);
}
