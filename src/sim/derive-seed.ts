/**
 * Owns how one seed becomes many: each part of a world draws from a generator of its own, named, so that adding a part
 * leaves the choices of the others as they were.
 */

/** A seed of 32 bits for the part `name` of the world `seed`. */
export function deriveSeed(seed: number, name: string): number {
  let hash = seed >>> 0;
  for (let i = 0; i < name.length; i++) hash = mix(hash ^ name.charCodeAt(i));
  return mix(hash ^ name.length) >>> 0;
}

function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) + 0x9e3779b9;
}
