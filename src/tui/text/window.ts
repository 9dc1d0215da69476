/** Owns which part of a long list a screen shows. Pure. */

/** The first of `height` items shown of `count` so that the item `cursor` is among them, in the middle if possible. */
export function windowAround(cursor: number, count: number, height: number): number {
  return clamp(cursor - Math.floor(height / 2), 0, Math.max(0, count - height));
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** `3-17 of 40`, or nothing when all is on the screen. */
export function windowWords(first: number, height: number, count: number): string {
  return count <= height ? '' : `${first + 1}-${Math.min(count, first + height)} of ${count}`;
}
