/**
 * Owns the shape of parsed metainfo: what a .torrent file says, validated and made safe (BEP 3, 12, 19, 27,
 * 47, 52). How it is read is in the parsers beside this file.
 */

export interface MetainfoFile {
  /**
   * Where it lies on disk, relative to the download directory, parts joined with `/`: `NAME` for a single
   * file, `NAME/…` otherwise. Safe and distinct whatever the torrent says.
   */
  readonly path: string;
  readonly length: number;
  /** Byte offset of the file in the torrent; without a v1 part, files start at pieces (BEP 52). A double. */
  readonly offset: number;
  /** Never stored or requested as such (BEP 47, attribute `p`). */
  readonly isPadding: boolean;
  readonly isExecutable: boolean;
  readonly isHidden: boolean;
  /**
   * For a symlink (BEP 47, attribute `l`): path of the file or folder of this torrent that it points at,
   * relative to the download directory; null otherwise, also for a symlink that points anywhere else.
   */
  readonly symlinkTarget: string | null;
  /** Root of the file's merkle tree, 32 bytes; null for v1 and for empty files (BEP 52). */
  readonly piecesRoot: Uint8Array | null;
}

export interface Metainfo {
  /** Safe name of the file or top folder. */
  readonly name: string;
  /** True when the torrent is one file, so that `files[0].path` is `name`. */
  readonly isSingleFile: boolean;
  /** SHA-1 of the info dictionary, 20 bytes; null for v2-only. */
  readonly infoHashV1: Uint8Array | null;
  /** SHA-256 of the info dictionary, 32 bytes; null for v1-only. */
  readonly infoHashV2: Uint8Array | null;
  /** The exact bytes of the info dictionary, as in the file. */
  readonly infoDictionary: Uint8Array;
  readonly pieceLength: number;
  /** Of the v1 part where there is one: the number of hashes; else the sum over files. */
  readonly pieceCount: number;
  /** SHA-1 of each piece, 20 bytes each; empty for v2-only. */
  readonly pieceHashes: Uint8Array;
  /** Merkle piece layers by `piecesRoot` in hexadecimal, verified against the roots (BEP 52). */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>;
  /** Bytes of all files, padding included: the v1 byte space. Without a v1 part, `totalLength`. */
  readonly storedLength: number;
  /** Bytes of all files without padding. */
  readonly totalLength: number;
  /** All files in torrent order, padding included. */
  readonly files: readonly MetainfoFile[];
  /**
   * Tracker URLs in tiers (BEP 12); `announce` alone is one tier of one. Valid http, https and udp URLs only.
   */
  readonly trackers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  /** DHT nodes (BEP 5). */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly isPrivate: boolean;
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** Seconds since 1970, or null. */
  readonly createdAt: number | null;
}
