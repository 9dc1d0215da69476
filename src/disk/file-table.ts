/**
 * Owns what is known of where the bytes of each file lie: nowhere, under the incomplete name, or under the
 * final one. It fills from a scan and follows what the storage does afterwards; nobody else may touch the
 * files meanwhile.
 *
 * Struct of arrays: a torrent may have 100,000 files.
 */
import type { StorageSpec } from '../ports/disk.ts';

/** Nothing of ours is there. */
export const PLACE_NONE = 0;
/** Under the incomplete name. */
export const PLACE_INCOMPLETE = 1;
/** Under the final name; that alone does not say that it is complete. */
export const PLACE_FINAL = 2;

/** No other file stands under the final name of a file that lies under its incomplete one. */
export const NO_RIVAL = -1;

export class FileTable {
  /** One of the places above. */
  readonly place: Uint8Array;
  /** Length on disk, in bytes; meaningful when the place is not `PLACE_NONE`. */
  readonly storedLength: Float64Array;
  /** Length of a file that stands under the final name beside an incomplete one, or {@link NO_RIVAL}. */
  readonly rivalLength: Float64Array;
  /** Folders that were looked at, by absolute path, and whether they exist. */
  readonly folders = new Map<string, boolean>();
  /** Bytes of wanted files that are still to be stored, by what the device has allocated. */
  missingBytes = 0;

  constructor(spec: StorageSpec) {
    this.place = new Uint8Array(spec.files.length);
    this.storedLength = new Float64Array(spec.files.length);
    this.rivalLength = new Float64Array(spec.files.length).fill(NO_RIVAL);
  }

  /** Forgets everything, before a scan. */
  clear(): void {
    this.place.fill(PLACE_NONE);
    this.storedLength.fill(0);
    this.rivalLength.fill(NO_RIVAL);
    this.folders.clear();
    this.missingBytes = 0;
  }
}
