/**
 * Owns how torrents are called in what people read: by name when several run side by side, not at all when
 * one is alone.
 */
import { printable } from './terminal-text.ts';

export class TorrentNames {
  readonly #names = new Map<string, string>();

  add(infoHash: string, name: string): void {
    this.#names.set(infoHash, printable(name));
  }

  get count(): number {
    return this.#names.size;
  }

  /** The name, or the info hash of a torrent that nobody named. */
  of(infoHash: string): string {
    return this.#names.get(infoHash) ?? infoHash;
  }

  /** `sentence` with the torrent's name in front. */
  prefix(infoHash: string | null, sentence: string): string {
    return infoHash === null ? sentence : `${this.of(infoHash)}: ${sentence}`;
  }
}
