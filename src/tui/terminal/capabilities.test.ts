import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilitiesOf } from './capabilities.ts';

const UTF8 = { LANG: 'de_DE.UTF-8' };

test('a terminal is what its environment says', () => {
  const all = { hasScreen: true, hasColors: true, hasUnicode: true };
  assert.deepEqual(capabilitiesOf({ TERM: 'xterm-256color', ...UTF8 }), all);
  assert.deepEqual(capabilitiesOf({ TERM: 'screen', LC_ALL: 'C.utf8' }), all);
  assert.deepEqual(capabilitiesOf({ TERM: 'linux', ...UTF8 }), { ...all, hasUnicode: false });
  assert.equal(capabilitiesOf({ TERM: 'dumb', ...UTF8 }).hasScreen, false);
  assert.equal(capabilitiesOf({}).hasScreen, false);
});

test('NO_COLOR takes the colours, unless it is empty', () => {
  assert.equal(capabilitiesOf({ TERM: 'xterm', NO_COLOR: '1' }).hasColors, false);
  assert.equal(capabilitiesOf({ TERM: 'xterm', NO_COLOR: '' }).hasColors, true);
  assert.equal(capabilitiesOf({ TERM: 'xterm-mono' }).hasColors, false);
});

test('the strongest variable of the locale decides', () => {
  assert.equal(capabilitiesOf({ TERM: 'xterm', LC_ALL: 'C', ...UTF8 }).hasUnicode, false);
  assert.equal(capabilitiesOf({ TERM: 'xterm', LC_ALL: '', LC_CTYPE: 'POSIX', ...UTF8 }).hasUnicode, false);
  assert.equal(capabilitiesOf({ TERM: 'xterm' }).hasUnicode, false);
});
