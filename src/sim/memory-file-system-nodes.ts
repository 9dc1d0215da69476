/**
 * Owns what a memory file system consists of: folders, links, and sparse files whose pages exist once
 * something was written to them, so that a 5 GiB file with one block costs one page.
 */

/**
 * Unit of allocation as the device counts it, in bytes. In memory a page is only as long as what is in it.
 */
export const PAGE_LENGTH = 16384;
const SHORTEST_PAGE = 64;

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
      const stored = page === undefined ? 0 : Math.max(0, Math.min(length, page.length - offset));
      if (stored > 0) target.set(page!.subarray(offset, offset + stored), done);
      target.fill(0, done + stored, done + length);
      done += length;
    }
    return count;
  }

  /** Writes `source` at `position`; false when the device is full, with the first part written. */
  write(position: number, source: Uint8Array): boolean {
    for (let done = 0; done < source.length; ) {
      const offset = (position + done) % PAGE_LENGTH;
      const length = Math.min(source.length - done, PAGE_LENGTH - offset);
      const page = this.#pageForWriting(Math.floor((position + done) / PAGE_LENGTH), offset + length);
      if (page === null) return false;
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
      const last = this.#pages.get(Math.floor(length / PAGE_LENGTH));
      if (last !== undefined && length % PAGE_LENGTH < last.length) last.fill(0, length % PAGE_LENGTH);
    }
    this.#length = length;
  }

  /** Nothing leads to the file any more. */
  free(): void {
    this.#budget.givePages(this.#pages.size);
    this.#pages.clear();
  }

  /** The page with room for its first `end` bytes; null when the device is full. */
  #pageForWriting(index: number, end: number): Uint8Array | null {
    const page = this.#pages.get(index);
    if (page !== undefined && page.length >= end) return page;
    if (page === undefined && !this.#budget.takePage()) return null;
    let length = SHORTEST_PAGE;
    while (length < end) length *= 2;
    const longer = new Uint8Array(length);
    if (page !== undefined) longer.set(page);
    this.#pages.set(index, longer);
    return longer;
  }
}
