/**
 * Owns what a memory file system consists of: folders, links, and sparse files whose pages exist once something was
 * written to them, so that a 5 GiB file with one block costs one page.
 */

/** Unit of allocation, in bytes. */
export const PAGE_LENGTH = 16384;

export interface MemoryDirectory {
  readonly kind: 'directory';
  readonly entries: Map<string, MemoryNode>;
}

export interface MemoryLink {
  readonly kind: 'link';
  readonly target: string;
}

export type MemoryNode = MemoryDirectory | MemoryLink | MemoryFile;

/** Counts the pages of all files of one file system. */
export interface PageBudget {
  /** Takes one page; false when the device is full. */
  takePage(): boolean;
  givePages(count: number): void;
}

export class MemoryFile {
  readonly kind = 'file';
  readonly #budget: PageBudget;
  readonly #pages = new Map<number, Uint8Array>();
  #length = 0;
  modifiedAt = 0;
  isExecutable = false;

  constructor(budget: PageBudget) {
    this.#budget = budget;
  }

  get length(): number {
    return this.#length;
  }

  get allocatedBytes(): number {
    return this.#pages.size * PAGE_LENGTH;
  }

  /** Fills `target` from `position`; the bytes read, fewer at the end of the file. */
  read(position: number, target: Uint8Array): number {
    const count = Math.max(0, Math.min(target.length, this.#length - position));
    for (let done = 0; done < count; ) {
      const page = this.#pages.get(Math.floor((position + done) / PAGE_LENGTH));
      const offset = (position + done) % PAGE_LENGTH;
      const length = Math.min(count - done, PAGE_LENGTH - offset);
      if (page === undefined) target.fill(0, done, done + length);
      else target.set(page.subarray(offset, offset + length), done);
      done += length;
    }
    return count;
  }

  /** Writes `source` at `position`; false when the device is full, with the first part written. */
  write(position: number, source: Uint8Array): boolean {
    for (let done = 0; done < source.length; ) {
      const page = this.#pageForWriting(Math.floor((position + done) / PAGE_LENGTH));
      if (page === null) return false;
      const offset = (position + done) % PAGE_LENGTH;
      const length = Math.min(source.length - done, PAGE_LENGTH - offset);
      page.set(source.subarray(done, done + length), offset);
      done += length;
      this.#length = Math.max(this.#length, position + done);
    }
    return true;
  }

  truncate(length: number): void {
    if (length < this.#length) {
      const firstGone = Math.ceil(length / PAGE_LENGTH);
      const before = this.#pages.size;
      for (const index of [...this.#pages.keys()]) if (index >= firstGone) this.#pages.delete(index);
      this.#budget.givePages(before - this.#pages.size);
      this.#pages.get(Math.floor(length / PAGE_LENGTH))?.fill(0, length % PAGE_LENGTH);
    }
    this.#length = length;
  }

  /** Nothing leads to the file any more. */
  free(): void {
    this.#budget.givePages(this.#pages.size);
    this.#pages.clear();
  }

  #pageForWriting(index: number): Uint8Array | null {
    const page = this.#pages.get(index);
    if (page !== undefined) return page;
    if (!this.#budget.takePage()) return null;
    const fresh = new Uint8Array(PAGE_LENGTH);
    this.#pages.set(index, fresh);
    return fresh;
  }
}
