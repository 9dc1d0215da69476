import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskSecretsOf, maskTrackerUrl } from './mask-url.ts';

const KEY = '0123456789abcdef0123456789abcdef';

test('public tracker URLs are shown as they are', () => {
  for (const url of [
    'http://tracker.example/announce',
    'http://tracker.example:6969/announce.php',
    'udp://tracker.example:1337/announce',
    'https://[2001:db8::1]:443/bt/announce?compact=1',
    'udp://[::1]/',
    'http://a',
  ]) {
    assert.equal(maskTrackerUrl(url), url);
  }
});

test('a passkey is hidden wherever it stands, and host and familiar words stay', () => {
  assert.equal(maskTrackerUrl(`http://t.example/${KEY}/announce`), 'http://t.example/012***/announce');
  assert.equal(
    maskTrackerUrl(`https://t.example/announce.php?passkey=${KEY}&v=2`),
    'https://t.example/announce.php?passkey=012***&v=2',
  );
  assert.equal(maskTrackerUrl(`http://me:${KEY}@t.example:80/announce`), 'http://***@t.example:80/announce');
  assert.equal(maskTrackerUrl(`http://${KEY}.t.example/announce`), 'http://012***.t.example/announce');
  assert.equal(maskTrackerUrl('http://t.example/?pid=a1b2c3d4'), 'http://t.example/?pid=***');
  assert.equal(maskTrackerUrl(`http://t.example/?${KEY}`), 'http://t.example/?012***');
  assert.equal(maskTrackerUrl(`http://t.example/a#${KEY}`), 'http://t.example/a');
});

test('no secret of 8 characters or more survives in full, whatever characters it has', () => {
  for (const secret of ['483920175', 'Abcdefghijkl', 'p%40ssw0rd', 'a-b_c~d!e$f', 'x'.repeat(40)]) {
    for (const url of [
      `http://t.example/${secret}/announce`,
      `http://t.example/announce?x=${secret}`,
      `http://t.example/announce?${secret}=1;a=${secret}`,
      `http://${secret}@t.example/`,
    ]) {
      assert.ok(!maskTrackerUrl(url).includes(secret), maskTrackerUrl(url));
    }
  }
});

test('a text that is no URL is hidden as a whole', () => {
  assert.equal(maskTrackerUrl(`http:/${KEY}`), '(unreadable URL)');
});

test('a tracker that repeats the passkey in its message does not leak it', () => {
  const url = `http://t.example/${KEY}/announce?uid=${KEY}77`;
  assert.equal(maskSecretsOf(url, `unknown passkey ${KEY}`), 'unknown passkey 012***');
  assert.equal(maskSecretsOf(url, `no ${KEY}77 at t.example`), 'no 012*** at t.example');
  assert.equal(maskSecretsOf('nonsense', 'unregistered torrent'), 'unregistered torrent');
});
