/**
 * Owns the exceptions from the rules, each with its reason. A ratchet: entries get smaller or go, and none is added
 * without an argument that a reviewer accepts.
 */

/** Path → `{ lines, reason }`: sources that may be longer than the limit. */
export const FILE_LENGTH_EXCEPTIONS = new Map();

/**
 * Sources that may hold objects at module level, because each is the entry of a thread and is loaded by nothing else: what
 * it makes lives exactly as long as the thread.
 */
export const THREAD_ENTRIES = new Set([
  'src/cli/main.ts',
  'src/client/engine-worker.ts',
  'src/node/disk-worker.ts',
]);
