import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VerifiedBytes } from './verified-bytes.ts';

test('the bytes of any range are those of its pieces, byte by byte', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(400),
      fc.nat(400),
      (pieces, pieceLength, a, b) => {
        const have = new Uint8Array(Math.ceil(pieces.length / 8));
        for (const [i, isThere] of pieces.entries()) if (isThere) have[i >>> 3]! |= 0x80 >>> (i & 7);
        const total = pieces.length * pieceLength;
        const [from, to] = [Math.min(a, b, total), Math.min(Math.max(a, b), total)];
        let expected = 0;
        for (let byte = from; byte < to; byte++) if (pieces[Math.floor(byte / pieceLength)]) expected++;
        assert.equal(new VerifiedBytes(have, pieces.length, pieceLength).bytes(from, to), expected);
      },
    ),
  );
});
