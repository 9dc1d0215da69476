import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentDecode, percentEncode } from './percent.ts';
import { fromLatin1, toUtf8 } from './text.ts';

function decode(text: string): string {
  return fromLatin1(percentDecode(toUtf8(text)));
}

describe('percent-encoding', () => {
  it('encodes all but unreserved characters', () => {
    assert.equal(percentEncode(toUtf8('aZ09-._~')), 'aZ09-._~');
    assert.equal(percentEncode(toUtf8('a b/é%@[`{')), 'a%20b%2F%C3%A9%25%40%5B%60%7B');
    assert.equal(percentEncode(Uint8Array.of(0, 255)), '%00%FF');
  });

  it('decodes digits of either case and keeps what is no code', () => {
    assert.equal(decode('%41%6a%6A%00'), 'Ajj\0');
    assert.equal(decode('100%'), '100%');
    assert.equal(decode('%4'), '%4');
    assert.equal(decode('%zz%4g%%41'), '%zz%4g%A');
  });

  it('gives every byte back', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    assert.deepEqual(percentDecode(toUtf8(percentEncode(bytes))), bytes);
  });
});
