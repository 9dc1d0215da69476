/**
 * Owns the limits of what this project reads as metainfo. Each is far above what real torrents have and low
 * enough that a hostile one costs little.
 */

/**
 * Bytes of a .torrent file: the hashes of the most pieces, v1 and v2 together, and the names of the most
 * files.
 */
export const MAX_METAINFO_BYTES = 128 * 1024 * 1024;
/** Values in a .torrent file; each costs 16 bytes while it is read. A file of a hybrid has about a dozen. */
export const MAX_METAINFO_ITEMS = 6_000_000;
/** Nested lists and dictionaries: each part of a path is one in a file tree (BEP 52). */
export const MAX_METAINFO_DEPTH = 128;
/** Entries of a torrent's file list, padding included. */
export const MAX_FILES = 400_000;
/** Pieces of a torrent. The largest known have some hundred thousand; a bit set of as many takes 256 KiB. */
export const MAX_PIECES = 2 ** 21;
/** Bytes of a piece. Offsets in a piece are int32; the largest in use are 256 MiB. */
export const MAX_PIECE_LENGTH = 2 ** 29;
/** Bytes of all files together: offsets are doubles. */
export const MAX_TOTAL_LENGTH = Number.MAX_SAFE_INTEGER;
/** Trackers, web seeds, DHT nodes and peers of a torrent, of each; what comes behind is not used. */
export const MAX_SOURCES = 500;
/** Bytes of one text (comment, creator) that are looked at. */
export const MAX_TEXT_BYTES = 16 * 1024;
/** Bytes of one part of a path that are looked at: four times what any file system keeps. */
export const MAX_PART_BYTES = 1024;
