import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressFromBytes,
  canonicalAddress,
  formatEndpoint,
  isLinkLocal,
  isLoopback,
  isUnusable,
  parseAddress,
  parseHostPort,
} from './endpoint.ts';

test('each address has one canonical text', () => {
  const cases: [string, string | null][] = [
    ['1.2.3.4', '1.2.3.4'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:0102:0304', '1.2.3.4'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['256.1.1.1', null],
    ['1.2.3', null],
    ['1.2.3.4.5', null],
    ['010.1.1.1', null],
    ['1.2.3.04', null],
    ['', null],
    [':', null],
    [':::', null],
    ['1::2::3', null],
    ['1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1:2:3:4::5:6:7:8', null],
    ['12345::', null],
    ['fe80::1%eth0', null],
    ['1.2.3.4::', null],
    ['::1.2.3.4:5', null],
    [':1.2.3.4', null],
    ['localhost', null],
    [' 1.2.3.4', null],
    ['1.2.3.4\n', null],
  ];
  for (const [text, canonical] of cases)
    assert.equal(canonicalAddress(text), canonical, JSON.stringify(text));
});

test('any bytes come back from their text', () => {
  const groups = fc.array(fc.constantFrom(0, 0, 0, 1, 0xffff, 0x20), { minLength: 16, maxLength: 16 });
  const anyBytes = fc.oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    groups.map((values) => Uint8Array.from(values)),
  );
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const text = addressFromBytes(bytes, 0, 16);
      assert.notEqual(isIP(text), 0);
      assert.equal(canonicalAddress(text), text);
      const back = parseAddress(text)!;
      assert.deepEqual([...back], back.length === 4 ? [...bytes.slice(12)] : [...bytes]);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
      assert.deepEqual([...parseAddress(addressFromBytes(bytes, 1, 4))!], [...bytes.slice(1, 5)]);
    }),
  );
});

test('exactly what the platform takes for an address is one', () => {
  const pieces = fc.constantFrom(
    '::',
    ':',
    '.',
    '0',
    '1',
    'ffff',
    '255',
    '256',
    '00',
    '1.2.3.4',
    'a',
    'g',
    '1:2:3',
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
      (text) => {
        assert.equal(parseAddress(text) !== null, isIP(text) !== 0, text);
      },
    ),
    { numRuns: 3000 },
  );
});

test('host and port are split at the last colon, brackets hold an IPv6 address only', () => {
  assert.deepEqual(parseHostPort('tracker.example:80'), { host: 'tracker.example', port: 80 });
  assert.deepEqual(parseHostPort('[::1]:65535'), { host: '::1', port: 65535 });
  const wrong = [
    'host',
    'host:',
    ':80',
    'host:0',
    'host:65536',
    'host:+1',
    '::1:80',
    '[::1]',
    '[::1]80',
    '[]:80',
  ];
  wrong.push('[host]:80', '[1.2.3.4]:80', '[fe80::1%1]:80', 'a b:80', 'a/b:80', '[[::1]]:80', 'host:123456');
  for (const text of wrong) assert.equal(parseHostPort(text), null, text);
});

test('what is formatted parses back', () => {
  for (const endpoint of [
    { address: '1.2.3.4', port: 1 },
    { address: '2001:db8::1', port: 6881 },
  ]) {
    const { host, port } = parseHostPort(formatEndpoint(endpoint))!;
    assert.deepEqual({ address: host, port }, endpoint);
  }
});

test('classes of address', () => {
  for (const address of ['127.0.0.1', '127.255.0.9', '::1']) assert.ok(isLoopback(address), address);
  for (const address of ['128.0.0.1', '12.7.0.1', '::2', '1::1']) assert.ok(!isLoopback(address), address);
  for (const address of ['169.254.0.1', 'fe80::1', 'febf::1']) assert.ok(isLinkLocal(address), address);
  for (const address of ['169.253.0.1', 'fec0::1', 'fe8::1', '2001:fe80::1']) {
    assert.ok(!isLinkLocal(address), address);
  }
  const unusable = ['0.0.0.0', '0.1.2.3', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', 'ff00::'];
  for (const address of unusable) assert.ok(isUnusable(address), address);
  for (const address of ['1.0.0.1', '223.255.255.255', '::1', 'ff::1', 'fe80::ff']) {
    assert.ok(!isUnusable(address), address);
  }
});
