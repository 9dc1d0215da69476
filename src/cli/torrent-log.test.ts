import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressEvent } from '../../test/cli/fake/progress-event.ts';
import type { ClientEvent } from '../client/index.ts';
import { TorrentLog } from './torrent-log.ts';

const at = (second: number): string => new Date(second * 1000).toISOString();
const diagnosis = { code: 'no-peers', sentence: 'no peers' };
const trackerEvent = (second: number, message: string): ClientEvent => ({
  event: 'tracker',
  time: at(second),
  infoHash: 'aa',
  url: 'http://t/announce',
  announce: 'started',
  ok: message === '',
  message,
  peers: 0,
  seeds: null,
  leeches: null,
  intervalSeconds: null,
});

/** Seconds at which a line was written, with the line, for one progress event a second. */
function linesOver(seconds: number, isWaitingAt: (second: number) => boolean): string[] {
  const log = new TorrentLog(true);
  const lines: string[] = [];
  for (let second = 0; second < seconds; second++) {
    const changes = isWaitingAt(second) ? { diagnosis } : {};
    const sentence = log.onEvent(progressEvent({ time: at(second), ...changes }));
    if (sentence !== null) lines.push(`${second} ${sentence}`);
  }
  return lines;
}

test('while data comes there is a line every ten seconds', () => {
  assert.deepEqual(
    linesOver(25, () => false).map((line) => line.split(' ')[0]),
    ['0', '10', '20'],
  );
});

test('a reason for waiting is said at once, then once a minute', () => {
  assert.deepEqual(
    linesOver(130, () => true),
    ['0 40.0%, no peers', '60 still waiting: 40.0%, no peers', '120 still waiting: 40.0%, no peers'],
  );
});

test('waiting that comes and goes does not flood', () => {
  const lines = linesOver(60, (second) => second % 2 === 0);
  assert.ok(lines.length <= 12, lines.join('\n'));
});

test("a tracker's failure is said once, again when it changes, and again after a success", () => {
  const log = new TorrentLog(true);
  const said = ['refused', 'refused', 'timeout', '', 'timeout'].map((message, i) =>
    log.onEvent(trackerEvent(i, message)),
  );
  assert.deepEqual(said, [
    'tracker http://t/announce: refused',
    null,
    'tracker http://t/announce: timeout',
    null,
    'tracker http://t/announce: timeout',
  ]);
});
