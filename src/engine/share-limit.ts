/**
 * Owns one decision: whether a torrent has given back enough.
 *
 * The ratio compares what was sent with the bytes of the wanted files, not with what was received, so that it means the
 * same for data that was complete at the start. Pure.
 */

export interface ShareLimits {
  /** Stop when payload sent / wanted bytes reaches this; null for never. */
  readonly ratio: number | null;
  /** Stop after this many milliseconds of seeding; null for never. */
  readonly seedTimeMs: number | null;
}

export type ShareLimitReached = 'ratio' | 'time';

/** Which limit is reached, or null. */
export function reachedShareLimit(
  limits: ShareLimits,
  uploadedBytes: number,
  wantedBytes: number,
  seedingMs: number,
): ShareLimitReached | null {
  if (limits.ratio !== null && uploadedBytes >= limits.ratio * wantedBytes) return 'ratio';
  if (limits.seedTimeMs !== null && seedingMs >= limits.seedTimeMs) return 'time';
  return null;
}
