/** Owns every limit of the disk core, with its reason. */

/**
 * Files open at a time, over all storages. More would save little: a download touches the files of the pieces
 * in flight, and opening one again costs 20 µs. Fewer are used once the system says that there are too many.
 */
export const MAX_OPEN_FILES = 64;

/**
 * Blocks written in one call: 1 MiB. Longer calls gain nothing measurable and make the storage's other
 * commands wait.
 */
export const MAX_RUN_BLOCKS = 64;

/**
 * Hashed blocks of one piece that are written without waiting for more: 512 KiB, where a call's fixed cost
 * has vanished behind the copy.
 */
export const RUN_BLOCKS = 32;

/** Blocks held back over all storages, as a part of the arena: the rest must stay free for what arrives. */
export const HELD_SHARE = 1 / 4;
/** Blocks held back at most: 16 MiB. */
export const MAX_HELD_BLOCKS = 1024;

/**
 * Pieces that are tracked block by block. The oldest is forgotten beyond it, which costs reading it back to
 * hash it.
 */
export const MAX_TRACKED_PIECES = 8192;

/**
 * Bytes read in one step when something is hashed from the file; also the largest step that others wait for.
 */
export const SCRATCH_LENGTH = 1 << 20;

/** Files looked at, or completed, in one step of a fence. */
export const FILES_PER_STEP = 256;

/** Pieces without data that a check passes over in one step. */
export const PIECES_PER_STEP = 1024;

/** A check reports its progress in about this many parts. */
export const PROGRESS_REPORTS = 200;

/** Completions that are sent at once rather than at the end of a long batch, so that slots go round. */
export const COMPLETIONS_PER_BATCH = 64;

/**
 * How long blocks are held back after the last command, in milliseconds: longer than blocks of one peer are
 * apart.
 */
export const IDLE_FLUSH_MS = 250;
