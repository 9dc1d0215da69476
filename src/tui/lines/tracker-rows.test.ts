import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trackerOf } from '../../../test/tui/support/show.ts';
import { lineWidth, plainText } from '../text/line.ts';
import { chiefTracker, trackerLine } from './tracker-rows.ts';

test('the tracker of the overview is the one that works, with the newest answer', () => {
  const failed = trackerOf({ url: 'failed', status: 'failed', lastAnswerAgeMs: 1 });
  const old = trackerOf({ url: 'old', lastAnswerAgeMs: 900_000 });
  const fresh = trackerOf({ url: 'fresh', lastAnswerAgeMs: 10 });
  assert.equal(chiefTracker([failed, old, fresh])?.url, 'fresh');
  assert.equal(chiefTracker([failed])?.url, 'failed');
  assert.equal(chiefTracker([]), null);
});

test('a long error leaves the URL a third of the row, and the row has its width', () => {
  const message =
    'the certificate of the tracker is not valid for its name, which may mean that somebody listens in';
  const tracker = trackerOf({ status: 'failed', message });
  for (const columns of [30, 36, 76, 120, 200]) {
    const text = plainText(trackerLine([tracker, tracker], columns));
    assert.equal(lineWidth(trackerLine([tracker, tracker], columns)), columns);
    assert.match(text, /^http:\/\/bt/);
    assert.match(text, /failed: the c/);
  }
});
