/**
 * Owns base32 (RFC 4648, section 6), as far as info hashes in old magnet links need it: whole groups, no
 * padding.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The bytes of a base32 text of either case whose length is a multiple of 8, or null when it is none. */
export function fromBase32(text: string): Uint8Array | null {
  if (text.length % 8 !== 0 || !/^[A-Za-z2-7]*$/.test(text)) return null;
  const bytes = new Uint8Array((text.length / 8) * 5);
  let length = 0;
  let bits = 0;
  let bitCount = 0;
  for (const character of text.toUpperCase()) {
    bits = ((bits << 5) | ALPHABET.indexOf(character)) & 0xfff;
    bitCount += 5;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[length++] = (bits >>> bitCount) & 0xff;
  }
  return bytes;
}
