/**
 * Owns the library's door to making torrents. What does the work is loaded by the call.
 */
import type { TorrentFormat } from '../protocol/metainfo/create-files.ts';

export type { TorrentFormat } from '../protocol/metainfo/create-files.ts';

export interface CreateTorrentOptions {
  /** The file or folder, absolute. Its name becomes the torrent's. */
  readonly path: string;
  /** Default `v1`. */
  readonly format?: TorrentFormat | undefined;
  /** Bytes, a power of two from 16 KiB to 256 MiB; `auto` (default) makes 1000 to 2000 pieces where it can. */
  readonly pieceLength?: number | 'auto' | undefined;
  /** http, https and udp URLs, a tier each (BEP 12). */
  readonly trackers?: readonly string[] | undefined;
  /** http and https URLs (BEP 19). */
  readonly webSeeds?: readonly string[] | undefined;
  /** Peers may come from the trackers only (BEP 27). Default false. */
  readonly isPrivate?: boolean | undefined;
  readonly comment?: string | undefined;
  /** Goes into the info dictionary, so that the same files make another torrent for another site. */
  readonly source?: string | undefined;
  /** Default `spate/VERSION`; null for none. */
  readonly createdBy?: string | null | undefined;
  /** Default now; null for none, so that the same files give the same bytes. */
  readonly createdAt?: Date | null | undefined;
  /**
   * Globs of what is left out: one without a slash matches names of files and folders at any depth, one with a slash
   * paths below `path`. A star does not match a dot at the start of a name.
   */
  readonly exclude?: readonly string[] | undefined;
  /** Threads that hash. Default: one for each processor. */
  readonly workerCount?: number | undefined;
  /** Told several times a second while hashing. */
  readonly onProgress?: ((progress: HashProgress) => void) | undefined;
  /** Ends the work; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface HashProgress {
  readonly hashedBytes: number;
  readonly totalBytes: number;
}

export interface CreatedTorrent {
  /** The .torrent file. */
  readonly metainfo: Uint8Array;
  readonly name: string;
  /** Hexadecimal; null for v2. */
  readonly infoHashV1: string | null;
  /** Hexadecimal; null for v1. */
  readonly infoHashV2: string | null;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly fileCount: number;
  /** Without padding. */
  readonly totalBytes: number;
  readonly isSingleFile: boolean;
}

/**
 * Makes a torrent of a file or folder. Rejects with `InputError` for what the caller can put right (options, files that
 * are missing, unreadable, or no files at all), with `ClientError` when a file changed or a device failed meanwhile.
 */
export async function createTorrent(options: CreateTorrentOptions): Promise<CreatedTorrent> {
  const { runCreate } = await import('./create-run.ts');
  return runCreate(options);
}
