import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog, MAX_LOG_LINES } from './event-log.ts';

const time = '2024-01-01T00:00:00.000Z';

test('what happened is said in sentences, what is only a number is not', () => {
  const log = new EventLog();
  const infoHash = 'aa';
  log.add({ event: 'piece-verified', time, infoHash, piece: 3 });
  log.add({ event: 'file-completed', time, infoHash, file: 0, path: 'a/b' });
  const tracker = { event: 'tracker', time, infoHash, url: 'http://t/', message: '', seeds: null } as const;
  const counts = { leeches: null, intervalSeconds: null };
  log.add({ ...tracker, ...counts, announce: 'started', ok: true, peers: 1 });
  log.add({ ...tracker, ...counts, announce: 'stopped', ok: true, peers: 0 });
  log.add({ ...tracker, ...counts, announce: 'none', ok: false, peers: 0, message: 'refused' });
  assert.deepEqual(
    log.lines.map(({ sentence, isTrouble }) => [sentence, isTrouble]),
    [
      ['a/b is complete', false],
      ['tracker http://t/ knows 1 peer', false],
      ['tracker http://t/ heard that we stop', false],
      ['tracker http://t/ failed: refused', true],
    ],
  );
});

test('a log that grows for ever is cut to its newest lines', () => {
  const log = new EventLog();
  for (let i = 0; i < 10 * MAX_LOG_LINES; i++) log.say(time, `line ${i}`, false);
  assert.ok(log.lines.length <= 2 * MAX_LOG_LINES);
  assert.ok(log.lines.length >= MAX_LOG_LINES);
  assert.equal(log.lines.at(-1)?.sentence, `line ${10 * MAX_LOG_LINES - 1}`);
});
