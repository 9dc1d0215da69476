/** Owns the order of texts by the bytes of their UTF-8, without encoding them. */

/** Negative when the UTF-8 of `a` comes before that of `b` byte by byte, 0 when they are equal. */
export function compareUtf8(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return byteOrder(left) - byteOrder(right);
  }
  return a.length - b.length;
}

/** UTF-8 keeps the order of code points, in which surrogates stand for what comes after all other units. */
function byteOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
