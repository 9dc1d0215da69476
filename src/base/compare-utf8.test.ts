import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareUtf8 } from './compare-utf8.ts';

test('texts compare as the bytes of their UTF-8 do, above and below the surrogates', () => {
  const texts = [
    '',
    'A',
    'a',
    'ab',
    'a/',
    'a-',
    'b',
    'é',
    'ｚ',
    '\ue000',
    '\uffff',
    '😀',
    '\u{10ffff}',
    'a😀',
    'aｚ',
  ];
  for (const a of texts) {
    for (const b of texts) {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      assert.equal(Math.sign(compareUtf8(a, b)), expected, `${a} and ${b}`);
    }
  }
});
