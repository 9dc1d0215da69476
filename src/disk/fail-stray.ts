/**
 * Owns the answer to a command for a storage that is not there: its `open` failed, or it was released, while
 * the command was under way. It gets its completion all the same, because a slot or somebody's patience hangs
 * on it.
 */
import { unreachable } from '../base/assert.ts';
import type { Failure } from '../ports/failure.ts';
import type { CompletionBatch } from './completion-batch.ts';
import {
  COMMAND_BLOCK_DIGESTS,
  COMMAND_CHECK,
  COMMAND_HASH,
  COMMAND_READ,
  COMMAND_RELEASE,
  COMMAND_SNAPSHOT,
  COMMAND_WRITE,
} from './records.ts';

const NOT_OPEN: Failure = { code: 'closed', operation: 'use', detail: 'a storage that is not open' };

/** Completes the command at `at` of `records` with a failure. */
export function failStray(
  completions: CompletionBatch,
  records: Int32Array | readonly number[],
  at: number,
  failure: Failure = NOT_OPEN,
): void {
  const storage = records[at + 1]!;
  const piece = records[at + 2]!;
  switch (records[at]!) {
    case COMMAND_WRITE:
      return completions.written(storage, records[at + 5]!, failure);
    case COMMAND_READ:
      return completions.read(storage, records[at + 5]!, failure);
    case COMMAND_HASH:
      return completions.hashed(storage, piece, false, failure);
    case COMMAND_BLOCK_DIGESTS:
      return completions.blockDigests(storage, piece, new Uint8Array(0), failure);
    case COMMAND_CHECK:
      return completions.checked(storage, new Uint8Array(0), [], failure);
    case COMMAND_SNAPSHOT:
      return completions.snapshot(storage, null, failure);
    case COMMAND_RELEASE:
      return completions.released(storage, null);
    default:
      return unreachable(records[at]! as never);
  }
}
