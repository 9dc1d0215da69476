/**
 * Owns the files of a hash plan as they are read from front to back: one open at a time, checked for changes when it is
 * opened and when it is closed, so that no torrent describes a file that never existed.
 */
import { type FileHandle, type FileSystem, FileSystemError } from '../ports/file-system.ts';
import type { HashPlan } from './hash-plan.ts';

const NONE = -1;

export class PlanReader {
  readonly #plan: HashPlan;
  readonly #fileSystem: FileSystem;
  readonly #targets: Uint8Array[] = [];
  #handle: FileHandle | null = null;
  #file = NONE;

  constructor(plan: HashPlan, fileSystem: FileSystem) {
    this.#plan = plan;
    this.#fileSystem = fileSystem;
  }

  /** Fills `target` from `position` of `file`, which is no padding. Throws `FileSystemError`. */
  read(file: number, position: number, target: Uint8Array): void {
    if (this.#file !== file) this.#open(file);
    this.#targets[0] = target;
    if (this.#handle!.read(position, this.#targets) < target.length) throw this.#changed(file);
  }

  /** Closes what is open. Throws `FileSystemError` when the file changed meanwhile. */
  close(): void {
    if (this.#handle === null) return;
    const file = this.#file;
    this.abandon();
    this.#refuseChange(file);
  }

  /** Closes what is open without another look at it. */
  abandon(): void {
    const handle = this.#handle;
    this.#handle = null;
    this.#file = NONE;
    handle?.close();
  }

  #open(file: number): void {
    this.close();
    this.#refuseChange(file);
    this.#handle = this.#fileSystem.open(this.#plan.paths[file]!, 'read');
    this.#file = file;
  }

  #refuseChange(file: number): void {
    const { modifiedAt, lengths, paths } = this.#plan;
    if (modifiedAt === null) return;
    const status = this.#fileSystem.status(paths[file]!);
    if (status?.length !== lengths[file] || status?.modifiedAt !== modifiedAt[file])
      throw this.#changed(file);
  }

  #changed(file: number): FileSystemError {
    return new FileSystemError('changed', 'hash', this.#plan.paths[file]!);
  }
}
