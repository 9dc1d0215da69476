/**
 * Owns the record of what was submitted to the disk worker and has no completion yet, so that the worker's
 * end costs nobody a slot: everything outstanding then completes with a failure.
 *
 * Invariant: a slot is outstanding at most once. Hot file: a block costs two stores and one.
 */
import type { CompletionBatch } from '../disk/completion-batch.ts';
import { failStray } from '../disk/fail-stray.ts';
import {
  COMMAND_BLOCK_DIGESTS,
  COMMAND_CHECK,
  COMMAND_CLOSE,
  COMMAND_HASH,
  COMMAND_LENGTH,
  COMMAND_OPEN,
  COMMAND_READ,
  COMMAND_RELEASE,
  COMMAND_SNAPSHOT,
  COMMAND_WRITE,
  COMPLETION_BLOCK_DIGESTS,
  COMPLETION_CHECKED,
  COMPLETION_CLOSED,
  COMPLETION_HASHED,
  COMPLETION_LENGTH,
  COMPLETION_OPENED,
  COMPLETION_READ,
  COMPLETION_RELEASED,
  COMPLETION_SNAPSHOT,
  COMPLETION_WRITTEN,
} from '../disk/records.ts';
import type { Failure } from '../ports/failure.ts';

/** Commands that hold no slot: command, storage and piece of each, in order of submission. */
const ENTRY_LENGTH = 3;

export class OutstandingCommands {
  /** The command that holds each slot, or 0. */
  readonly #slotCommands: Uint8Array;
  readonly #slotStorages: Int32Array;
  readonly #others: number[] = [];

  constructor(slotCount: number) {
    this.#slotCommands = new Uint8Array(slotCount);
    this.#slotStorages = new Int32Array(slotCount);
  }

  onSubmitted(records: Int32Array): void {
    for (let at = 0; at < records.length; at += COMMAND_LENGTH) {
      const command = records[at]!;
      if (command === COMMAND_WRITE || command === COMMAND_READ) {
        const slot = records[at + 5]!;
        this.#slotCommands[slot] = command;
        this.#slotStorages[slot] = records[at + 1]!;
      } else this.#others.push(command, records[at + 1]!, records[at + 2]!);
    }
  }

  onCompleted(records: Int32Array): void {
    for (let at = 0; at < records.length; at += COMPLETION_LENGTH) {
      const completion = records[at]!;
      if (completion === COMPLETION_WRITTEN || completion === COMPLETION_READ) {
        this.#slotCommands[records[at + 2]!] = 0;
      } else this.#remove(commandOf(completion), records[at + 1]!, records[at + 2]!);
    }
  }

  /** Completes everything outstanding with `failure`: slots first, releases and the close last. */
  fail(completions: CompletionBatch, failure: Failure): void {
    const record = new Int32Array(COMMAND_LENGTH);
    for (let slot = 0; slot < this.#slotCommands.length; slot++) {
      if (this.#slotCommands[slot] === 0) continue;
      record[0] = this.#slotCommands[slot]!;
      record[1] = this.#slotStorages[slot]!;
      record[5] = slot;
      this.#slotCommands[slot] = 0;
      failStray(completions, record, 0, failure);
    }
    const others = this.#others.splice(0);
    for (let at = 0; at < others.length; at += ENTRY_LENGTH) {
      const command = others[at]!;
      record[0] = command;
      record[1] = others[at + 1]!;
      record[2] = others[at + 2]!;
      if (command === COMMAND_OPEN) completions.opened(others[at + 1]!, failure);
      else if (command === COMMAND_CLOSE) completions.closed();
      else failStray(completions, record, 0, failure);
    }
  }

  /** Completions come nearly in the order of their commands, so the search is short. */
  #remove(command: number, storage: number, piece: number): void {
    const others = this.#others;
    const hasPiece = command === COMMAND_HASH || command === COMMAND_BLOCK_DIGESTS;
    for (let at = 0; command !== 0 && at < others.length; at += ENTRY_LENGTH) {
      if (others[at] !== command || others[at + 1] !== storage) continue;
      if (hasPiece && others[at + 2] !== piece) continue;
      others.splice(at, ENTRY_LENGTH);
      return;
    }
  }
}

/** The command that a completion answers; 0 for news that answer none. */
function commandOf(completion: number): number {
  switch (completion) {
    case COMPLETION_OPENED:
      return COMMAND_OPEN;
    case COMPLETION_CHECKED:
      return COMMAND_CHECK;
    case COMPLETION_HASHED:
      return COMMAND_HASH;
    case COMPLETION_BLOCK_DIGESTS:
      return COMMAND_BLOCK_DIGESTS;
    case COMPLETION_SNAPSHOT:
      return COMMAND_SNAPSHOT;
    case COMPLETION_RELEASED:
      return COMMAND_RELEASE;
    case COMPLETION_CLOSED:
      return COMMAND_CLOSE;
    default:
      return 0;
  }
}
