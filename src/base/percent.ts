/** Owns percent-encoding (RFC 3986): bytes ⇄ the text that a URI may contain. */

const HEX = '0123456789ABCDEF';

/** `bytes` with everything but the unreserved characters (letters, digits, `-._~`) encoded. */
export function percentEncode(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    text += isUnreserved(byte) ? String.fromCharCode(byte) : `%${HEX[byte >>> 4]}${HEX[byte & 15]}`;
  }
  return text;
}

/** Undoes the encoding in the UTF-8 form of a text; a `%` without two digits stays. Never fails. */
export function percentDecode(bytes: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = bytes[i] === 0x25 && i + 2 < bytes.length ? hexDigit(bytes[i + 1]!) : -1;
    const low = high >= 0 ? hexDigit(bytes[i + 2]!) : -1;
    if (low >= 0) {
      decoded[length++] = high * 16 + low;
      i += 2;
    } else decoded[length++] = bytes[i]!;
  }
  return decoded.subarray(0, length);
}

function isUnreserved(byte: number): boolean {
  if (byte >= 0x30 && byte <= 0x39) return true;
  const letter = byte | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return true;
  return byte === 0x2d || byte === 0x2e || byte === 0x5f || byte === 0x7e;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
