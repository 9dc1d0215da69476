/** Owns comparisons of byte arrays. */

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && rangeEqual(a, b, 0, a.length);
}

/** True when both have the same bytes in `[start, end)`, which lies within both. */
export function rangeEqual(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (a[i] !== b[i]) return false;
  return true;
}
