import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OracleContent } from './oracle-content.ts';

test('any part is the same however it is asked for', () => {
  const content = new OracleContent(7, 2000);
  const whole = content.slice(0, 2000);
  fc.assert(
    fc.property(fc.nat(2000), fc.nat(2000), (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      assert.deepEqual(content.slice(from, to - from), whole.slice(from, to));
    }),
  );
});

test('a wrong byte is found, beyond 2^32 too', () => {
  const content = new OracleContent(7, 2 ** 40);
  const place = 2 ** 35 + 12_345;
  const bytes = content.slice(place, 1000);
  assert.equal(content.firstDifference(bytes, place), -1);
  bytes[500]! ^= 1;
  assert.equal(content.firstDifference(bytes, place), place + 500);
});

test('other seeds and other places have other bytes', () => {
  const content = new OracleContent(1, 2 ** 40);
  const parts = [content.slice(0, 16), content.slice(16, 16), content.slice(2 ** 34, 16)];
  parts.push(new OracleContent(2, 16).slice(0, 16));
  assert.equal(new Set(parts.map((part) => part.join())).size, parts.length);
});
