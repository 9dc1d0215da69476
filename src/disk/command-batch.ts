/**
 * Owns the commands that the engine called since the last `submit`, as records. Used on the engine's side by
 * every implementation of the `Disk` port that runs the disk core.
 *
 * Hot file: a block costs six stores.
 */
import type { PieceIndex, SlotId, StorageId } from '../base/numbers.ts';
import type { StorageSpec } from '../ports/disk.ts';
import type { ResumeData } from '../ports/state-store.ts';
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
  type Commands,
  withRoom,
} from './records.ts';

const FIRST_COMMANDS = 256;

export class CommandBatch {
  #records = new Int32Array(FIRST_COMMANDS * COMMAND_LENGTH);
  #used = 0;
  #specs: StorageSpec[] = [];
  #resumes: (ResumeData | null)[] = [];

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  open(storage: StorageId, spec: StorageSpec, resume: ResumeData | null): void {
    this.#resumes.push(resume);
    this.#add(COMMAND_OPEN, storage, this.#specs.push(spec) - 1, 0, 0, 0);
  }

  check(storage: StorageId): void {
    this.#add(COMMAND_CHECK, storage, 0, 0, 0, 0);
  }

  write(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#add(COMMAND_WRITE, storage, piece, begin, length, slot);
  }

  read(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#add(COMMAND_READ, storage, piece, begin, length, slot);
  }

  hash(storage: StorageId, piece: PieceIndex): void {
    this.#add(COMMAND_HASH, storage, piece, 0, 0, 0);
  }

  blockDigests(storage: StorageId, piece: PieceIndex): void {
    this.#add(COMMAND_BLOCK_DIGESTS, storage, piece, 0, 0, 0);
  }

  snapshot(storage: StorageId, sync: boolean): void {
    this.#add(COMMAND_SNAPSHOT, storage, sync ? 1 : 0, 0, 0, 0);
  }

  release(storage: StorageId): void {
    this.#add(COMMAND_RELEASE, storage, 0, 0, 0, 0);
  }

  close(): void {
    this.#add(COMMAND_CLOSE, 0, 0, 0, 0, 0);
  }

  /** Everything since the last call. The caller owns it. */
  take(): Commands {
    const records = this.#records.slice(0, this.#used);
    const commands = { records, specs: this.#specs, resumes: this.#resumes };
    this.#used = 0;
    if (this.#specs.length > 0) {
      this.#specs = [];
      this.#resumes = [];
    }
    return commands;
  }

  #add(command: number, storage: number, piece: number, begin: number, length: number, slot: number): void {
    this.#records = withRoom(this.#records, this.#used, COMMAND_LENGTH);
    const records = this.#records;
    const at = this.#used;
    records[at] = command;
    records[at + 1] = storage;
    records[at + 2] = piece;
    records[at + 3] = begin;
    records[at + 4] = length;
    records[at + 5] = slot;
    this.#used = at + COMMAND_LENGTH;
  }
}
