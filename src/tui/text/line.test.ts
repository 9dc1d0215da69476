import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cell, fitLine, lineWidth, plainText, span, spread } from './line.ts';

test('a span prints, whoever named it', () => {
  assert.equal(span('a\u001b[2Jb\u202ec').text, 'a\ufffd[2Jb\ufffdc');
  assert.equal(span('❤\ufe0f').text, '❤', 'what asks for another picture of unsure width goes');
});

test('a cell has exactly its columns', () => {
  assert.equal(cell('abc', 5).text, 'abc  ');
  assert.equal(cell('abc', 5, {}, 'right').text, '  abc');
  assert.equal(cell('abcdef', 5).text, 'abcd…');
  assert.equal(cell('日本語', 4).text, '日… ');
  assert.equal(cell('abc', 0).text, '');
});

test('a line is cut in the middle of the span that does not fit, and filled when it is short', () => {
  const line = [span('abc'), span('defg'), span('hi')];
  assert.equal(plainText(fitLine(line, 5)), 'abcd…');
  assert.equal(plainText(fitLine(line, 12)), 'abcdefghi   ');
  for (let columns = 0; columns < 14; columns++) assert.equal(lineWidth(fitLine(line, columns)), columns);
});

test('two ends of a row: the left gives way to the right', () => {
  const name = [span('a long name 日本')];
  for (let columns = 0; columns < 24; columns++) {
    assert.equal(lineWidth(spread(name, [span('42%')], columns)), columns, `${columns} columns`);
  }
  assert.equal(plainText(spread([span('name')], [span('42%')], 10)), 'name   42%');
  assert.equal(plainText(spread([span('name')], [span('42%')], 7)), 'na… 42%');
});
