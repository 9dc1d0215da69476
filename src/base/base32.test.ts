import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromBase32 } from './base32.ts';
import { fromLatin1, toHex } from './text.ts';

describe('fromBase32', () => {
  it('decodes whole groups in either case', () => {
    assert.equal(fromLatin1(fromBase32('MZXW6YTB')!), 'fooba');
    assert.equal(fromLatin1(fromBase32('mzxw6ytbmzxw6ytb')!), 'foobafooba');
    assert.equal(toHex(fromBase32('77777777AAAAAAAA')!), 'ffffffffff0000000000');
    assert.equal(fromBase32('')?.length, 0);
  });

  it('refuses what is none', () => {
    for (const text of ['MZXW6YT', 'MZXW6YT=', 'MZXW6YT1', 'MZXW6YT8', 'MZXW6Yé0', 'ſZXW6YTB']) {
      assert.equal(fromBase32(text), null, text);
    }
  });
});
