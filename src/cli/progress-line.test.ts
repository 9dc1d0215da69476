import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressEvent } from '../../test/cli/fake/progress-event.ts';
import { progressLine } from './progress-line.ts';
import { printable, textWidth } from './terminal-text.ts';

const waiting = { code: 'no-peers', sentence: 'no peers: no tracker answered' };

test('the line says how far, how fast, from how many, how long', () => {
  const line = progressLine([progressEvent({ name: 'debian.iso' })], 80);
  assert.equal(line, 'debian.iso  40.0% of 1.00 MB, 100 kB/s, 3 peers, 6 s left');
});

test('a torrent that waits says why', () => {
  const line = progressLine([progressEvent({ name: 'debian.iso', diagnosis: waiting })], 80);
  assert.equal(line, 'debian.iso  40.0%, no peers: no tracker answered');
});

test('a long name gives way to the numbers, and the line never passes its width', () => {
  const torrent = progressEvent({ name: '日本語の長い名前'.repeat(5) });
  const line = progressLine([torrent], 70);
  assert.match(line, /^日本.*… {2}40\.0% of 1\.00 MB, 100 kB\/s, 3 peers, 6 s left$/);
  for (let columns = 1; columns < 120; columns++)
    assert.ok(textWidth(progressLine([torrent], columns)) <= columns);
});

test('checking and opening are told apart from downloading', () => {
  assert.match(
    progressLine([progressEvent({ state: 'checking', checkedPieces: 25 })], 80),
    /checking .*25\.0%/,
  );
  assert.match(progressLine([progressEvent({ state: 'opening' })], 80), /preparing/);
});

test('several torrents are summed, and a reason is given only when nothing comes', () => {
  const done = progressEvent({
    infoHash: 'bb',
    verifiedBytes: 1_000_000,
    downloadRate: 0,
    state: 'complete',
  });
  assert.equal(
    progressLine([progressEvent(), done], 100),
    '1 of 2 torrents  70.0%  100 kB/s  6 peers  6 s left',
  );
  const stuck = progressEvent({ downloadRate: 0, diagnosis: waiting });
  assert.equal(
    progressLine([stuck, done], 100),
    '1 of 2 torrents  70.0%  example: no peers: no tracker answered',
  );
});

test('names and diagnoses cannot paint on the terminal', () => {
  const line = progressLine(
    [progressEvent({ name: 'a\u001b[31m', diagnosis: { code: 'x', sentence: 'b\r' } })],
    80,
  );
  assert.equal(line, printable(line));
});
