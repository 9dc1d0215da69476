/** Owns the way back from completion records to calls of the engine's `DiskHandler`. */
import { assert } from '../base/assert.ts';
import type { PieceIndex, SlotId, StorageId } from '../base/numbers.ts';
import type { DiskHandler } from '../ports/disk.ts';
import {
  COMPLETION_BLOCK_DIGESTS,
  COMPLETION_CHECK_PROGRESS,
  COMPLETION_CHECKED,
  COMPLETION_CLOSED,
  COMPLETION_FILE_COMPLETED,
  COMPLETION_HASHED,
  COMPLETION_LENGTH,
  COMPLETION_OPENED,
  COMPLETION_READ,
  COMPLETION_RELEASED,
  COMPLETION_SNAPSHOT,
  COMPLETION_WRITTEN,
  type Completions,
  NO_FAILURE,
  NO_SNAPSHOT,
} from './records.ts';

/**
 * Calls `handler` for each of `completions`, in order. The numbers come from our own core and are trusted.
 */
export function deliverCompletions(completions: Completions, handler: DiskHandler): void {
  const { records, failures, bytes, partials, snapshots } = completions;
  for (let at = 0; at < records.length; at += COMPLETION_LENGTH) {
    const storage = records[at + 1]! as StorageId;
    const third = records[at + 2]!;
    const fourth = records[at + 3]!;
    const failureIndex = records[at + 4]!;
    const failure = failureIndex === NO_FAILURE ? null : failures[failureIndex]!;
    switch (records[at]!) {
      case COMPLETION_WRITTEN:
        handler.onWritten(storage, third as SlotId, failure);
        break;
      case COMPLETION_READ:
        handler.onRead(storage, third as SlotId, failure);
        break;
      case COMPLETION_HASHED:
        handler.onHashed(storage, third as PieceIndex, fourth === 1, failure);
        break;
      case COMPLETION_CHECK_PROGRESS:
        handler.onCheckProgress(storage, third);
        break;
      case COMPLETION_CHECKED:
        handler.onChecked(storage, bytes[third]!, partials[fourth]!, failure);
        break;
      case COMPLETION_SNAPSHOT:
        handler.onSnapshot(storage, third === NO_SNAPSHOT ? null : snapshots[third]!, failure);
        break;
      case COMPLETION_BLOCK_DIGESTS:
        handler.onBlockDigests(storage, third as PieceIndex, bytes[fourth]!, failure);
        break;
      case COMPLETION_FILE_COMPLETED:
        handler.onFileCompleted(storage, third, failure);
        break;
      case COMPLETION_OPENED:
        handler.onOpened(storage, failure);
        break;
      case COMPLETION_RELEASED:
        handler.onReleased(storage, failure);
        break;
      case COMPLETION_CLOSED:
        handler.onClosed();
        break;
      default:
        assert(false, `completion ${records[at]}`);
    }
  }
}
