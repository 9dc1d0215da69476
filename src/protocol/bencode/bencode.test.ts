import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../base/random.ts';
import { toHex } from '../../base/text.ts';
import { fuzz, toValue } from './bencode.fuzz.ts';
import { BencodeError } from './bencode-error.ts';
import type { BencodeNode } from './bencode-node.ts';
import { readBencode, readBencodePrefix } from './read-bencode.ts';
import { writeBencode } from './write-bencode.ts';

const LIMITS = { maxBytes: 1_000_000, maxDepth: 8, maxItems: 100_000 };

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function read(text: string): BencodeNode {
  return readBencode(bytesOf(text), LIMITS);
}

/** `code@offset` of the error that reading `text` gives, or `fine`. */
function errorOf(text: string, limits = LIMITS): string {
  try {
    readBencode(bytesOf(text), limits);
    return 'fine';
  } catch (error) {
    assert.ok(error instanceof BencodeError, String(error));
    return `${error.code}@${error.offset}`;
  }
}

describe('readBencode', () => {
  it('reads the four kinds', () => {
    assert.equal(read('i-42e').asInteger(), -42);
    assert.equal(read('i0e').asInteger(), 0);
    assert.equal(read('4:spam').asText(), 'spam');
    assert.deepEqual(
      read('l4:spami3ee')
        .items()
        ?.map((item) => item.kind),
      ['string', 'integer'],
    );
    assert.equal(read('d3:cow3:mooe').get('cow')?.asText(), 'moo');
    assert.deepEqual(read('le').items(), []);
    assert.deepEqual(read('de').entries(), []);
    assert.equal(read('0:').asBytes()?.length, 0);
  });

  it('gives null for what a value is not', () => {
    const text = read('4:spam');
    assert.equal(text.asInteger(), null);
    assert.equal(text.items(), null);
    assert.equal(text.entries(), null);
    assert.equal(text.get('spam'), null);
    assert.equal(read('i1e').asBytes(), null);
    assert.equal(read('2:\xff\xfe').asText(), null);
    assert.equal(read('2:\xffa').asTextLossy(), '\ufffda');
  });

  it('keeps integers beyond 2^53 exact, as bigint only then', () => {
    assert.equal(read('i9007199254740991e').asInteger(), 9007199254740991);
    assert.equal(read('i-9007199254740991e').asInteger(), -9007199254740991);
    assert.equal(read('i9007199254740992e').asInteger(), 9007199254740992n);
    assert.equal(read('i9007199254740993e').asInteger(), 9007199254740993n);
    assert.equal(read('i-18446744073709551617e').asInteger(), -18446744073709551617n);
    assert.equal(read('i9007199254740993e').asNumber(), null);
  });

  it('looks keys up without stepping into the values before them', () => {
    const node = read('d1:ad1:bi1ee1:bi2e1:cld1:di3eee1:di4ee');
    assert.equal(node.get('b')?.asInteger(), 2);
    assert.equal(node.get('d')?.asInteger(), 4);
    assert.equal(node.get('e'), null);
    assert.equal(node.get('a')?.get('b')?.asInteger(), 1);
  });

  it('keeps binary keys and __proto__ apart', () => {
    const node = read('d9:__proto__i1e2:\x00\xffi2e11:constructori3ee');
    assert.deepEqual(
      node.entries()?.map(({ key, value }) => [toHex(key.asBytes()!), value.asInteger()]),
      [
        ['5f5f70726f746f5f5f', 1],
        ['00ff', 2],
        ['636f6e7374727563746f72', 3],
      ],
    );
    assert.equal(node.get('__proto__')?.asInteger(), 1);
    assert.equal(node.get('toString'), null);
  });

  it('tells where each value lies in the input', () => {
    const text = 'd4:infod3:key5:valueee';
    const info = read(text).get('info')!;
    assert.equal(text.slice(info.start, info.end), 'd3:key5:valuee');
    assert.deepEqual(info.encoded, bytesOf('d3:key5:valuee'));
  });

  it('lends the input instead of copying it', () => {
    const input = bytesOf('3:abc');
    assert.equal(readBencode(input, LIMITS).asBytes()?.buffer, input.buffer);
  });

  it('accepts keys out of order but no key twice', () => {
    assert.equal(read('d1:bi1e1:ai2ee').get('a')?.asInteger(), 2);
    assert.equal(errorOf('d1:ai1e1:ai2ee'), 'duplicate-key@7');
    assert.equal(errorOf('d1:bi1e1:ai2e1:bi3ee'), 'duplicate-key@13');
    assert.equal(errorOf('d1:ai1e2:aai1e1:bi1ee'), 'fine');
  });

  it('says what is wrong and at which byte', () => {
    const cases: [string, string][] = [
      ['', 'unexpected-end@0'],
      ['x', 'unexpected-byte@0'],
      ['e', 'unexpected-byte@0'],
      ['-1:a', 'unexpected-byte@0'],
      ['ie', 'bad-integer@0'],
      ['i-e', 'bad-integer@0'],
      ['i-0e', 'bad-integer@0'],
      ['i03e', 'bad-integer@0'],
      ['i-03e', 'bad-integer@0'],
      ['i+3e', 'unexpected-byte@1'],
      ['i1.5e', 'unexpected-byte@2'],
      ['i 1e', 'unexpected-byte@1'],
      ['i12', 'unexpected-end@3'],
      ['i', 'unexpected-end@1'],
      [`i${'9'.repeat(65)}e`, 'bad-integer@0'],
      ['5:abc', 'bad-length@0'],
      ['01:a', 'bad-length@0'],
      ['5', 'unexpected-end@1'],
      ['5abcde', 'unexpected-byte@1'],
      [`l${'9'.repeat(400)}:e`, 'bad-length@1'],
      ['l4:spam', 'unexpected-end@7'],
      ['d', 'unexpected-end@1'],
      ['di1ei2ee', 'key-not-string@1'],
      ['dlei2ee', 'key-not-string@1'],
      ['d1:ae', 'unexpected-byte@4'],
      ['d1:a', 'unexpected-end@4'],
      ['d1:ai1e1:be', 'unexpected-byte@10'],
      ['i1ei2e', 'trailing-bytes@3'],
      ['le\n', 'trailing-bytes@2'],
    ];
    for (const [text, expected] of cases) assert.equal(errorOf(text), expected, JSON.stringify(text));
  });

  it('has limits on size, depth and number of values', () => {
    const tight = { maxBytes: 20, maxDepth: 3, maxItems: 4 };
    assert.equal(errorOf(`18:${'a'.repeat(18)}`, tight), 'too-large@20');
    assert.equal(errorOf('llleee', tight), 'fine');
    assert.equal(errorOf('lllleeee', tight), 'too-deep@3');
    assert.equal(errorOf('li1ei2ei3ee', tight), 'fine');
    assert.equal(errorOf('li1ei2ei3ei4ee', tight), 'too-many-items@10');
    assert.equal(errorOf('l'.repeat(500_000)), 'too-deep@8');
  });

  it('notices the end at every byte of a value', () => {
    const text = 'd4:infod6:lengthi12e4:name1:xe4:listl1:aleee';
    for (let length = 0; length < text.length; length++) {
      const code = errorOf(text.slice(0, length)).split('@')[0];
      assert.ok(code === 'unexpected-end' || code === 'bad-length', `${length}: ${code}`);
    }
    assert.equal(errorOf(text), 'fine');
  });

  it('reads a value with something behind it on request', () => {
    const node = readBencodePrefix(bytesOf('d8:msg_typei1eeDATA'), LIMITS);
    assert.equal(node.get('msg_type')?.asInteger(), 1);
    assert.equal(node.end, 15);
  });

  it('stays fast on many keys that are out of order', () => {
    let text = 'd';
    for (let i = 40_000; i > 0; i--) text += `6:${String(i).padStart(6, '0')}0:`;
    assert.equal(errorOf(`${text}e`), 'fine');
    assert.equal(errorOf(`${text}6:0200000:e`), `duplicate-key@${text.length}`);
  });
});

describe('writeBencode', () => {
  it('sorts keys by raw bytes', () => {
    const value = new Map<string | Uint8Array, number>([
      ['b', 1],
      ['aa', 2],
      ['\u00e9', 3],
      [Uint8Array.of(0xc3), 4],
      ['a', 5],
      ['', 6],
    ]);
    assert.deepEqual(writeBencode(value), bytesOf('d0:i6e1:ai5e2:aai2e1:bi1e1:\xc3i4e2:\xc3\xa9i3ee'));
  });

  it('writes every kind', () => {
    const value = [1, -1, -0, 2n ** 70n, 'h\u00e9', Uint8Array.of(0, 255), [], new Map()];
    const expected = 'li1ei-1ei0ei1180591620717411303424e3:h\xc3\xa92:\x00\xfflede' + 'e';
    assert.deepEqual(writeBencode(value), bytesOf(expected));
  });

  it('writes a value that was read byte for byte, even one out of order', () => {
    const info = read('d4:infod1:bi1e1:ai2eee').get('info')!;
    assert.deepEqual(writeBencode(new Map([['x', info]])), bytesOf('d1:xd1:bi1e1:ai2eee'));
  });

  it('refuses what has no encoding', () => {
    assert.throws(() => writeBencode(1.5));
    assert.throws(() => writeBencode(2 ** 53));
    assert.throws(() =>
      writeBencode(
        new Map<string | Uint8Array, number>([
          ['a', 1],
          [bytesOf('a'), 2],
        ]),
      ),
    );
  });

  it('gives back what canonical input said', () => {
    const text = 'd1:ad1:bi1ee1:bi-2e1:cl0:d1:di3eee1:d2:\x00\xffe';
    assert.deepEqual(writeBencode(toValue(read(text))), bytesOf(text));
  });
});

describe('bencode under fuzzing', () => {
  it('throws nothing but BencodeError', () => fuzz(new SeededRandom(20), 3000));
});
