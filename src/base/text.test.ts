import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, fromLatin1, fromUtf8, fromUtf8Lossy, toHex, toUtf8 } from './text.ts';

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function platformDecode(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return null; // what the platform calls invalid is the expected answer, not an error of the test
  }
}

/** Bytes that are likely to be almost UTF-8. */
const nearlyUtf8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }).map((text) => [...new TextEncoder().encode(text)]),
      fc.constantFrom([0x80], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]),
      fc.constantFrom([0xf0, 0x9f], [0xc3], [0xff], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0]),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

test('hexadecimal of either case comes back as lower case', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = toHex(bytes);
      assert.equal(text, Buffer.from(bytes).toString('hex'));
      assert.deepEqual([...fromHex(text)!], [...bytes]);
      assert.deepEqual([...fromHex(text.toUpperCase())!], [...bytes]);
    }),
  );
});

test('what is not hexadecimal is refused', () => {
  for (const text of ['0', 'abc', 'zz', '0x', '1 ', ' 1', '+1', '1e\n'])
    assert.equal(fromHex(text), null, text);
});

test('text is encoded as the platform encodes it, lone surrogates too', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.deepEqual([...toUtf8(text)], [...new TextEncoder().encode(text)]);
    }),
  );
  const units = fc.array(fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xdfff, 0x41, 0xffff)).map((codes) => {
    return String.fromCharCode(...codes);
  });
  fc.assert(
    fc.property(units, (text) => {
      assert.deepEqual([...toUtf8(text)], [...new TextEncoder().encode(text)]);
    }),
  );
});

test('exactly the bytes that the platform takes for UTF-8 are text', () => {
  const bytes = fc.oneof(nearlyUtf8, fc.uint8Array({ maxLength: 6 }));
  fc.assert(
    fc.property(bytes, (input) => {
      assert.equal(fromUtf8(input), platformDecode(input));
    }),
    { numRuns: 2000 },
  );
});

test('lossy decoding never fails, and changes nothing that is valid', () => {
  fc.assert(
    fc.property(nearlyUtf8, (bytes) => {
      const lossy = fromUtf8Lossy(bytes);
      const strict = fromUtf8(bytes);
      if (strict !== null) assert.equal(lossy, strict);
      else assert.ok(lossy.includes('\ufffd'));
      assert.ok(lossy.length <= bytes.length);
    }),
  );
  assert.equal(fromUtf8Lossy(Uint8Array.of(0x61, 0xe2, 0x82, 0x62)), 'a\ufffd\ufffdb');
});

test('Latin-1 has one character for each byte', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(fromLatin1(bytes), Buffer.from(bytes).toString('latin1'));
    }),
  );
});
