/**
 * Owns what a memory file system consists of: folders, links, and sparse files whose pages exist once
 * something was written to them, so that a 5 GiB file with one block costs one page. A file may keep what it
 * was at its last sync, so that a power failure can bring that back, in parts.
 */
import type { Random } from '../base/random.ts';

/**
 * Unit of allocation as the device counts it, in bytes. In memory a page is only as long as what is in it.
 */
export const PAGE_LENGTH = 16384;
const SHORTEST_PAGE = 64;
/** What a device writes at once: a power failure leaves it as it was or as it became. */
const SECTOR_LENGTH = 512;

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
  /** Pages that changed since the last sync, as they were then, null for none; null when that is not kept. */
  readonly #synced: Map<number, Uint8Array | null> | null;
  #syncedLength = 0;
  #syncedModifiedAt = 0;
  #length = 0;
  modifiedAt = 0;
  isExecutable = false;

  constructor(budget: PageBudget, canLosePower: boolean) {
    this.#budget = budget;
    this.#synced = canLosePower ? new Map() : null;
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
      this.#keepSynced(Math.floor((position + done) / PAGE_LENGTH));
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
      for (const index of [...this.#pages.keys()]) {
        if (index < firstGone) continue;
        this.#keepSynced(index);
        this.#pages.delete(index);
      }
      this.#budget.givePages(before - this.#pages.size);
      this.#keepSynced(Math.floor(length / PAGE_LENGTH));
      const last = this.#pages.get(Math.floor(length / PAGE_LENGTH));
      if (last !== undefined && length % PAGE_LENGTH < last.length) last.fill(0, length % PAGE_LENGTH);
    }
    this.#length = length;
  }

  /** Nothing leads to the file any more. */
  free(): void {
    this.#budget.givePages(this.#pages.size);
    if (this.#synced === null) this.#pages.clear();
  }

  /** Everything so far survives a power failure. */
  sync(): void {
    this.#synced?.clear();
    this.#syncedLength = this.#length;
    this.#syncedModifiedAt = this.modifiedAt;
  }

  /**
   * The power failed: of what changed since the last sync each sector, the length and the time are as they
   * were or as they became, in any combination. Pages are not counted; the file system does it anew.
   */
  dropUnsynced(random: Random): void {
    if (this.#synced === null) return;
    for (const [index, before] of this.#synced) {
      const outcome = random.below(3);
      if (outcome === 0) continue;
      if (outcome === 2) this.#pages.set(index, mixed(before, this.#pages.get(index) ?? null, random));
      else if (before === null) this.#pages.delete(index);
      else this.#pages.set(index, before);
    }
    if (random.below(2) === 0) this.#length = this.#syncedLength;
    if (random.below(2) === 0) this.modifiedAt = this.#syncedModifiedAt;
    for (const [index, page] of this.#pages) {
      const inFile = this.#length - index * PAGE_LENGTH;
      if (inFile <= 0) this.#pages.delete(index);
      else if (inFile < page.length) page.fill(0, inFile);
    }
    this.sync();
  }

  #keepSynced(index: number): void {
    if (this.#synced === null || this.#synced.has(index)) return;
    this.#synced.set(index, this.#pages.get(index)?.slice() ?? null);
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

/** A page of which some sectors are as they were and some as they became. */
function mixed(before: Uint8Array | null, after: Uint8Array | null, random: Random): Uint8Array {
  const page = new Uint8Array(PAGE_LENGTH);
  for (let at = 0; at < PAGE_LENGTH; at += SECTOR_LENGTH) {
    const source = random.below(2) === 0 ? before : after;
    if (source !== null) page.set(source.subarray(at, at + SECTOR_LENGTH), at);
  }
  return page;
}
