import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientName } from './client-name.ts';

function nameOf(start: string): string {
  return clientName(Buffer.from(start.padEnd(20, 'x'), 'latin1'));
}

const KNOWN: readonly (readonly [start: string, name: string])[] = [
  ['-qB4530-', 'qBittorrent 4.5.3'],
  ['-qB5010-', 'qBittorrent 5.0.1'],
  ['-TR4060-', 'Transmission 4.0.6'],
  ['-TR3000-', 'Transmission 3.00'],
  ['-TR2940-', 'Transmission 2.94'],
  ['-TR0072-', 'Transmission 0.72'],
  ['-LT20A0-', 'libtorrent 2.0.10'],
  ['-LT2080-', 'libtorrent 2.0.8'],
  ['-lt0D80-', 'rTorrent (libTorrent) 0.13.8'],
  ['-DE211s-', 'Deluge 2.1.1'],
  ['-UT355W\x12', 'unknown (-UT355W)'],
  ['-UT3550-', 'µTorrent 3.5.5'],
  ['-WW0211-', 'WebTorrent 2.11'],
  ['-BC0202-', 'BitComet 2.02'],
  ['-SE0100-', 'Spate 0.1.0'],
  ['-AZ5771-', 'Vuze 5.7.7.1'],
  ['-LW0001-', 'LimeWire'],
  ['A2-1-36-0-', 'aria2 1.36.0'],
  ['M7-10-3--', 'BitTorrent 7.10.3'],
  ['TIX0284-', 'Tixati 2.84'],
  ['-ML2.7.2-', 'MLdonkey 2.7.2'],
  ['S58B-----', 'Shadow 5.8.11'],
  ['T03I-----', 'BitTornado 0.3.18'],
  ['exbc\x00\x38LORD', 'BitLord'],
  ['-ZQ1234-', 'ZQ 1.2.3.4'],
];

for (const [start, name] of KNOWN) {
  test(`a peer id that begins with ${JSON.stringify(start)} is called "${name}"`, () => {
    assert.equal(nameOf(start), name);
  });
}

test('a peer id without a readable byte is called unknown', () => {
  assert.equal(clientName(new Uint8Array(20)), 'unknown');
  assert.equal(clientName(new Uint8Array(20).fill(0xff)), 'unknown');
});

test('names of object members are not clients', () => {
  assert.equal(nameOf('constructor'), 'unknown (construc)');
  assert.equal(nameOf('__proto__'), 'unknown (__proto_)');
});

test('whatever the peer id, the name is short and printable', () => {
  const styled = fc
    .tuple(
      fc.constantFrom('-qB', '-TR', '-', 'A2-', 'M', 'S', 'exbc', '-ML'),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
    )
    .map(([start, tail]) => Buffer.concat([Buffer.from(start), tail]).subarray(0, 20));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ minLength: 20, maxLength: 20 }), styled), (peerId) => {
      assert.match(clientName(peerId), /^[ -~µ]{1,50}$/);
    }),
  );
});
