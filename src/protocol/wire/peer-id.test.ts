import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../base/random.ts';
import type { Entropy } from '../../ports/entropy.ts';
import { clientName } from './client-name.ts';
import { createPeerId, PEER_ID_PREFIX } from './peer-id.ts';

class SeededEntropy implements Entropy {
  readonly #random = new SeededRandom(7);

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#random.below(256);
  }
}

/** Gives unfair bytes first: all of them must be drawn again. */
class UnfairEntropy implements Entropy {
  #calls = 0;

  fill(bytes: Uint8Array): void {
    bytes.fill(this.#calls++ === 0 ? 255 : 61);
  }
}

test('a peer id is the prefix and twelve letters or digits', () => {
  const entropy = new SeededEntropy();
  for (let i = 0; i < 100; i++) {
    assert.match(Buffer.from(createPeerId(entropy)).toString('latin1'), /^-SE0100-[0-9A-Za-z]{12}$/);
  }
});

test('two peer ids differ', () => {
  const entropy = new SeededEntropy();
  assert.notDeepEqual(createPeerId(entropy), createPeerId(entropy));
});

test('bytes that would favour some characters are drawn again', () => {
  assert.equal(
    Buffer.from(createPeerId(new UnfairEntropy())).toString('latin1'),
    `${PEER_ID_PREFIX}zzzzzzzzzzzz`,
  );
});

test('other clients that read peer ids as we do see our name', () => {
  assert.equal(clientName(createPeerId(new SeededEntropy())), 'Spate 0.1.0');
});
