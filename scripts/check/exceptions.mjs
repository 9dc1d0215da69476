/**
 * Owns the exceptions from the rules, each with its reason. A ratchet: entries get smaller or go, and none is added
 * without an argument that a reviewer accepts.
 */

/** Path → `{ lines, reason }`: sources that may be longer than the limit. */
export const FILE_LENGTH_EXCEPTIONS = new Map();
