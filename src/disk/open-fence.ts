/**
 * Owns the fence `open`: the directory is made, what exists is looked at, and space for what is still to come
 * must be free. Nothing but the directory is made.
 */
import type { Failure } from '../ports/failure.ts';
import type { CompletionBatch } from './completion-batch.ts';
import { failureOf } from './failure-of.ts';
import { FileScan } from './file-scan.ts';
import type { Fence, Storage } from './storage.ts';

export class OpenFence implements Fence {
  readonly #storage: Storage;
  readonly #completions: CompletionBatch;
  #scan: FileScan | null = null;
  /** Whether the storage exists now; meaningful once the fence has ended. */
  hasOpened = false;

  constructor(storage: Storage, completions: CompletionBatch) {
    this.#storage = storage;
    this.#completions = completions;
  }

  step(): boolean {
    try {
      if (this.#look()) return true;
      this.#end(this.#lackOfSpace());
    } catch (error) {
      this.#end(failureOf(error));
    }
    return false;
  }

  abort(failure: Failure): void {
    this.#end(failure);
  }

  #look(): boolean {
    const { files, parts, spec } = this.#storage;
    if (this.#scan === null) {
      files.fileSystem.makeDirectory(files.names.directory);
      this.#scan = new FileScan(files.fileSystem, spec, files.names, files.table, files.stamps);
    }
    if (this.#scan.step()) return true;
    parts.load();
    return false;
  }

  #lackOfSpace(): Failure | null {
    const { fileSystem, names, table } = this.#storage.files;
    if (table.missingBytes === 0) return null;
    const { freeBytes } = fileSystem.space(names.directory);
    if (table.missingBytes <= freeBytes) return null;
    const detail = `${names.directory} (${table.missingBytes} bytes needed, ${freeBytes} free)`;
    return { code: 'disk-full', operation: 'find space in', detail };
  }

  #end(failure: Failure | null): void {
    this.hasOpened = failure === null;
    this.#storage.isScanFresh = failure === null;
    this.#completions.opened(this.#storage.id, failure);
  }
}
