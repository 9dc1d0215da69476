import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_URL_LENGTH, parseUrl } from './url.ts';

test('a URL is split into its parts, and scheme and host become lower case', () => {
  assert.deepEqual(parseUrl('HTTP://me:pw@Tracker.Example:6969/Announce/x?Key=1&k=#frag'), {
    scheme: 'http',
    userInfo: 'me:pw',
    host: 'tracker.example',
    port: 6969,
    path: '/Announce/x',
    query: 'Key=1&k=',
  });
});

test('port, path and query may be absent', () => {
  const bare = { scheme: 'udp', userInfo: null, host: 'a', port: null, path: '', query: null };
  assert.deepEqual(parseUrl('udp://a'), bare);
  assert.deepEqual(parseUrl('udp://a:'), bare);
  assert.deepEqual(parseUrl('udp://a?'), { ...bare, query: '' });
});

test('an IPv6 host loses its brackets', () => {
  const parts = parseUrl('udp://[2001:DB8::1]:80/announce');
  assert.equal(parts?.host, '2001:db8::1');
  assert.equal(parts?.port, 80);
});

test('what is no URL of that shape is refused', () => {
  const bad = [
    '',
    'a',
    'http:/a',
    'http://',
    'http://:80',
    '://a',
    'http://a:0',
    'http://a:65536',
    'http://a:x',
  ];
  bad.push('http://a b/', 'http://a/\u0000', 'http://::1/', 'http://[::1', '1http://a', 'http://a@b@c/');
  for (const url of bad) assert.equal(parseUrl(url), null, url);
  assert.equal(parseUrl(`http://a/${'x'.repeat(MAX_URL_LENGTH)}`), null);
});
