import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitText, printable, textWidth } from './terminal-text.ts';

test('nothing that a stranger named can move the cursor or turn the text around', () => {
  assert.equal(printable('a\u001b[2Jb\rc\nd\u0007'), 'a\ufffd[2Jb\ufffdc\ufffdd\ufffd');
  assert.equal(printable('exe.\u202egnp\u2028x\u009b'), 'exe.\ufffdgnp\ufffdx\ufffd');
  assert.equal(printable('lone \ud800 surrogate'), 'lone \ufffd surrogate');
  assert.equal(printable('plain – ü 日本 😀'), 'plain – ü 日本 😀');
});

test('wide characters take two columns, combining marks none', () => {
  assert.equal(textWidth('abc'), 3);
  assert.equal(textWidth('日本'), 4);
  assert.equal(textWidth('ｆｕｌｌ'), 8);
  assert.equal(textWidth('한국'), 4);
  assert.equal(textWidth('😀'), 2);
  assert.equal(textWidth('e\u0301'), 1);
});

test('text is cut at the column, never through a wide character', () => {
  assert.equal(fitText('abcdef', 6), 'abcdef');
  assert.equal(fitText('abcdefg', 6), 'abcde…');
  assert.equal(fitText('日本語', 6), '日本語');
  assert.equal(fitText('日本語', 5), '日本…');
  assert.equal(fitText('日本語', 4), '日…');
  assert.equal(fitText('日本語', 1), '…');
  assert.equal(fitText('日本語', 0), '');
  for (let columns = 1; columns < 12; columns++)
    assert.ok(textWidth(fitText('a日b本c語d', columns)) <= columns);
});
