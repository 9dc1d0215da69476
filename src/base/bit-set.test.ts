import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BugError } from './assert.ts';
import { BitSet } from './bit-set.ts';

/** '##..#' as a set. */
function draw(picture: string): BitSet {
  const set = new BitSet(picture.length);
  for (let i = 0; i < picture.length; i++) if (picture[i] === '#') set.add(i);
  return set;
}

function show(set: BitSet): string {
  let picture = '';
  for (let i = 0; i < set.length; i++) picture += set.has(i) ? '#' : '.';
  return picture;
}

const pictures = fc.array(fc.constantFrom('#', '.'), { maxLength: 40 }).map((bits) => bits.join(''));

test('bit 0 is the high bit of byte 0', () => {
  assert.deepEqual([...draw('#......#.#......').bytes], [0x81, 0x40]);
});

test('adding and deleting say whether anything changed', () => {
  const set = new BitSet(10);
  assert.equal(set.add(9), true);
  assert.equal(set.add(9), false);
  assert.equal(set.count, 1);
  assert.equal(set.delete(9), true);
  assert.equal(set.delete(9), false);
  assert.ok(set.isEmpty);
});

test('a bit outside the set is never in it and cannot be changed', () => {
  const set = new BitSet(10);
  set.fill();
  for (const index of [-1, 10, 15, 16, 1e9]) {
    assert.equal(set.has(index), false);
    assert.throws(() => set.add(index), BugError);
    assert.throws(() => set.delete(index), BugError);
  }
});

test('the wire form must have the exact size and clear spare bits', () => {
  assert.equal(BitSet.fromBytes(Uint8Array.of(0xff), 9), null);
  assert.equal(BitSet.fromBytes(Uint8Array.of(0xff, 0, 0), 9), null);
  assert.equal(BitSet.fromBytes(Uint8Array.of(0xff, 0x40), 9), null);
  assert.equal(BitSet.fromBytes(Uint8Array.of(0xff, 0x01), 9), null);
  assert.equal(BitSet.fromBytes(Uint8Array.of(0xff, 0x80), 9)!.count, 9);
  assert.equal(BitSet.fromBytes(new Uint8Array(0), 0)!.isFull, true);
});

test('a set made from bytes or cloned does not follow its source', () => {
  const bytes = Uint8Array.of(0x80);
  const set = BitSet.fromBytes(bytes, 8)!;
  const copy = set.clone();
  bytes[0] = 0xff;
  set.add(1);
  assert.equal(show(set), '##......');
  assert.equal(show(copy), '#.......');
  assert.equal(copy.count, 1);
});

test('any drawing survives the wire form, with its count', () => {
  fc.assert(
    fc.property(pictures, (picture) => {
      const set = draw(picture);
      const back = BitSet.fromBytes(set.bytes, picture.length)!;
      assert.equal(show(back), picture);
      assert.equal(back.count, [...picture].filter((bit) => bit === '#').length);
      assert.equal(back.isFull, !picture.includes('.'));
    }),
  );
});

test('the next set and the next clear bit are those of the drawing', () => {
  const mostlyFull = fc.array(fc.constantFrom('#', '#', '#', '#', '#', '#', '#', '#', '#', '.'), {
    maxLength: 64,
  });
  fc.assert(
    fc.property(mostlyFull, fc.boolean(), fc.nat(70), (bits, inverted, from) => {
      const picture = bits.map((bit) => (inverted ? (bit === '#' ? '.' : '#') : bit)).join('');
      const set = draw(picture);
      assert.equal(set.nextSet(from), picture.indexOf('#', from) < from ? -1 : picture.indexOf('#', from));
      assert.equal(set.nextClear(from), picture.indexOf('.', from) < from ? -1 : picture.indexOf('.', from));
    }),
  );
});

test('fill and clear leave the spare bits clear', () => {
  for (let length = 0; length <= 17; length++) {
    const set = new BitSet(length);
    set.fill();
    assert.equal(show(set), '#'.repeat(length));
    assert.ok(set.isFull && set.count === length);
    assert.ok(BitSet.fromBytes(set.bytes, length) !== null);
    set.clear();
    assert.equal(set.count, 0);
    assert.equal(show(set), '.'.repeat(length));
  }
});

test('a subset is one whose every bit is in the other', () => {
  fc.assert(
    fc.property(pictures, pictures, (left, right) => {
      const length = Math.min(left.length, right.length);
      const a = draw(left.slice(0, length));
      const b = draw(right.slice(0, length));
      let expected = true;
      for (let i = 0; i < length; i++) if (left[i] === '#' && right[i] === '.') expected = false;
      assert.equal(a.isSubsetOf(b), expected);
    }),
  );
  assert.throws(() => new BitSet(3).isSubsetOf(new BitSet(4)), BugError);
});
