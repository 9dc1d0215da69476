import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { toHex } from '../base/text.ts';
import { SimCrypto } from './sim-crypto.ts';

const crypto = new SimCrypto();

test('digests equal the platform’s for every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + length);
    assert.equal(toHex(crypto.sha1(bytes)), createHash('sha1').update(bytes).digest('hex'));
    assert.equal(toHex(crypto.sha256(bytes)), createHash('sha256').update(bytes).digest('hex'));
  }
});

test('bytes may come in parts of any size', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 31);
  for (const part of [1, 3, 63, 64, 65, 127, 999]) {
    for (const [digest, whole] of [
      [crypto.createSha1(), crypto.sha1(bytes)],
      [crypto.createSha256(), crypto.sha256(bytes)],
    ] as const) {
      for (let at = 0; at < bytes.length; at += part) digest.update(bytes.subarray(at, at + part));
      assert.deepEqual(digest.digest(), whole);
    }
  }
});
