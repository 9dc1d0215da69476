import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ANSWER,
  AnnouncerScene,
  MINUTE,
  order,
  SECOND,
  started,
} from '../../test/support/announcer-scene.ts';

test('started comes first, then periodic announces at the interval, with the counters of their moment', () => {
  const scene = started('a');
  assert.equal(scene.said(), 'a:started');
  scene.answer('a');
  assert.deepEqual(scene.peers, ['192.0.2.1 from 203.0.113.1']);
  scene.run(30 * MINUTE - 1);
  assert.equal(scene.said(), '');
  scene.numbers = { uploaded: 1, downloaded: 600, left: 400 };
  scene.run(1);
  assert.equal(scene.said(), 'a:none');
  const { request } = scene.inFlight('a');
  assert.deepEqual(request.source.counters(), { uploaded: 1, downloaded: 600, left: 400 });
  assert.equal(request.numWant, 200);
  assert.equal(request.key, 7);
  assert.equal(request.port, 6881);
  scene.answer('a');
  scene.run(30 * MINUTE);
  assert.equal(scene.said(), 'a:none');
});

test('all tiers are announced side by side, each by its first tracker', () => {
  const scene = started('a | b | c');
  assert.equal(scene.said(), 'a:started b:started c:started');
});

test('a tier is shuffled once, in an order that depends on chance', () => {
  const firsts = new Set(Array.from({ length: 20 }, (_, seed) => started('a b c', seed).said()));
  assert.deepEqual([...firsts].sort(), ['a:started', 'b:started', 'c:started']);
});

test('within a tier the next tracker is asked at once when one fails, and the last failure backs off', () => {
  const scene = started('a b');
  const [first, second] = order(scene);
  scene.said();
  scene.fail(first);
  assert.equal(scene.said(), `${second}:started`);
  scene.fail(second);
  assert.equal(scene.said(), '');
  scene.run(7.4 * SECOND);
  assert.equal(scene.said(), '');
  scene.run(5.2 * SECOND); // 10 s, a quarter more or less
  assert.match(scene.said(), /^[ab]:started$/);
});

test('within a tier the next tracker is asked after 5 s of silence, and a late answer still counts', () => {
  const scene = started('a b c');
  const [first, second, third] = order(scene);
  scene.said();
  scene.run(5 * SECOND - 1);
  assert.equal(scene.said(), '');
  scene.run(1);
  assert.equal(scene.said(), `${second}:started`);
  scene.answer(second);
  scene.run(5 * SECOND);
  assert.equal(scene.said(), '', `${third} is not needed`);
  scene.answer(first);
  assert.equal(scene.peers.length, 2);
  assert.equal(
    scene.announcer.snapshots(scene.time)[0]?.url,
    `http://${second}/`,
    'who works moved to the front',
  );
  scene.run(25 * MINUTE);
  assert.equal(scene.said(), '', 'not due yet');
  scene.run(5 * MINUTE - 5 * SECOND);
  assert.equal(scene.said(), `${second}:none`);
});

test('an answer without peers lets the next tracker of the tier be asked, while peers are wanted', () => {
  const scene = started('a b');
  const [first, second] = order(scene);
  scene.said();
  scene.answer(first, { peers: [] });
  assert.equal(scene.said(), `${second}:started`);

  const complete = new AnnouncerScene('a b');
  complete.numbers.left = 0;
  complete.announcer.start();
  complete.said();
  complete.answer(first, { peers: [] });
  assert.equal(complete.said(), '');
});

test('a tracker that lies about its interval is kept within bounds', () => {
  const scene = started('a');
  for (const [intervalSeconds, expectedMs] of [
    [1, 5 * SECOND],
    [null, 30 * MINUTE],
    [2 ** 31, 24 * 60 * MINUTE],
    [3600, 60 * MINUTE],
  ] as const) {
    scene.said();
    scene.answer('a', { intervalSeconds });
    scene.run(expectedMs - 1);
    assert.equal(scene.said(), '', `interval ${intervalSeconds}`);
    scene.run(1);
    assert.equal(scene.said(), 'a:none', `interval ${intervalSeconds}`);
  }
});

test('peers that run out bring the next announce forward, but never below the min interval', () => {
  const scene = started('a');
  scene.answer('a', { minIntervalSeconds: 300 });
  scene.said();
  for (let second = 0; second < 299; second++) {
    scene.announcer.needPeers();
    scene.run(SECOND);
  }
  assert.equal(scene.said(), '');
  scene.announcer.needPeers();
  scene.run(SECOND);
  assert.equal(scene.said(), 'a:none');
  scene.announcer.needPeers();
  assert.equal(scene.said(), '', 'one is in flight');
});

test('a min interval above the interval is obeyed', () => {
  const scene = started('a');
  scene.answer('a', { intervalSeconds: 60, minIntervalSeconds: 600 });
  scene.said();
  scene.announcer.needPeers();
  scene.run(10 * MINUTE - 1);
  assert.equal(scene.said(), '');
  scene.run(1);
  assert.equal(scene.said(), 'a:none');
});

test('peers that run out are also sought at the other trackers of the tier', () => {
  const scene = started('a b');
  const [first, second] = order(scene);
  scene.answer(first);
  scene.said();
  scene.announcer.needPeers();
  assert.equal(scene.said(), `${second}:started`);
});

test('back-off grows with jitter up to its bound, and an answer ends it', () => {
  const scene = started('a');
  const waits: number[] = [];
  for (let i = 0; i < 12; i++) {
    scene.fail('a');
    const before = scene.time;
    scene.time = scene.timers.nextAt;
    waits.push((scene.time - before) / SECOND);
    scene.run(0);
  }
  for (const [i, wait] of waits.entries()) {
    const exact = Math.min(10 * 2 ** i, 1800);
    assert.ok(wait >= exact * 0.75 && wait <= exact * 1.25, `wait ${i} is ${wait}`);
  }
  assert.ok(new Set(waits.slice(8)).size > 1, 'jitter');
  scene.answer('a');
  scene.run(30 * MINUTE);
  scene.fail('a');
  assert.ok(scene.timers.nextAt - scene.time <= 12.5 * SECOND);
});

test('a tracker that says when to come back is obeyed, and one that says never is left alone', () => {
  const scene = started('a | b');
  scene.said();
  scene.fail('a', 'bad-answer', 600);
  scene.fail('b', 'bad-answer', Number.POSITIVE_INFINITY);
  scene.announcer.needPeers();
  scene.run(10 * MINUTE - 1);
  assert.equal(scene.said(), '');
  scene.run(1);
  assert.equal(scene.said(), 'a:started');
  scene.run(48 * 60 * MINUTE);
  assert.doesNotMatch(scene.said(), /b/);
});

test('completed goes once to each tracker that heard started, and later to one that hears it later', () => {
  const scene = started('a | b | c');
  scene.answer('a');
  scene.fail('c');
  scene.said();
  scene.announcer.complete();
  scene.announcer.complete();
  assert.equal(scene.said(), 'a:completed');
  scene.answer('a');
  scene.answer('b');
  assert.equal(scene.said(), 'b:completed');
  scene.answer('b');
  scene.run(13 * SECOND);
  assert.equal(scene.said(), 'c:started');
  scene.answer('c');
  assert.equal(scene.said(), 'c:completed');
  scene.answer('c');
  scene.run(60 * MINUTE);
  assert.doesNotMatch(scene.said(), /completed/);
});

test('a completed that failed is said again after the back-off, until it is heard', () => {
  const scene = started('a');
  scene.answer('a');
  scene.announcer.complete();
  scene.said();
  scene.fail('a');
  scene.run(13 * SECOND);
  assert.equal(scene.said(), 'a:completed');
  scene.answer('a');
  scene.run(29 * MINUTE);
  assert.equal(scene.said(), '');
});

test('completed takes the place of a periodic announce in flight', () => {
  const scene = started('a');
  scene.answer('a');
  scene.run(30 * MINUTE);
  const periodic = scene.inFlight('a');
  scene.said();
  scene.announcer.complete();
  assert.ok(periodic.isCancelled);
  assert.equal(scene.said(), 'a:completed');
});

test('data complete at the start is never announced as completed', () => {
  const scene = new AnnouncerScene('a');
  scene.numbers.left = 0;
  scene.announcer.start();
  scene.answer('a');
  scene.run(120 * MINUTE);
  scene.announcer.stop(3000);
  scene.answer('a');
  assert.doesNotMatch(scene.said(), /completed/);
});

test('the answer over the other family adds its peers and changes nothing else', () => {
  const scene = started('a');
  const { handler } = scene.inFlight('a');
  handler.onAnswer(ANSWER, '203.0.113.1');
  handler.onAnswer(
    { ...ANSWER, peers: [{ address: '2001:db8::9', port: 1 }], intervalSeconds: 10 },
    '2001:db8::1',
  );
  handler.onEnded(null);
  assert.deepEqual(scene.peers, ['192.0.2.1 from 203.0.113.1', '2001:db8::9 from 2001:db8::1']);
  assert.equal(scene.reports.length, 1);
  scene.said();
  scene.run(30 * MINUTE - 1);
  assert.equal(scene.said(), '');
});

test('a tracker id is handed back', () => {
  const scene = started('a');
  assert.equal(scene.inFlight('a').request.trackerId, null);
  const trackerId = Uint8Array.from([1, 2]);
  scene.answer('a', { trackerId });
  scene.run(30 * MINUTE);
  assert.equal(scene.inFlight('a').request.trackerId, trackerId);
  scene.answer('a');
  scene.run(30 * MINUTE);
  assert.equal(scene.inFlight('a').request.trackerId, trackerId, 'an answer without one keeps the old one');
});

test('reports, snapshots and summary say what happened', () => {
  const scene = started('a | b | c');
  assert.equal(scene.announcer.summary(0).allFailed, false);
  scene.answer('a', { warning: 'be nice' });
  scene.fail('b', 'refused');
  scene.run(6 * SECOND);
  const snapshots = scene.announcer.snapshots(scene.time);
  assert.deepEqual(
    snapshots.map(({ url, tier, status, message }) => `${url} ${tier} ${status} ${message}`),
    [
      'http://a/ 0 working be nice',
      'http://b/ 1 failed it is refused',
      'http://c/ 2 failed no answer for 6 s',
    ],
  );
  assert.equal(snapshots[0]?.nextAnnounceInMs, 30 * MINUTE - 6 * SECOND);
  assert.equal(snapshots[0]?.lastAnswerAgeMs, 6 * SECOND);
  assert.equal(snapshots[2]?.nextAnnounceInMs, null);
  const summary = scene.announcer.summary(scene.time);
  assert.equal(summary.failedCount, 2);
  assert.equal(summary.workingCount, 1);
  assert.equal(summary.allFailed, false);
  assert.deepEqual(summary.lastFailure, { url: 'http://b/', message: 'it is refused' });
  assert.deepEqual(
    scene.reports.map(({ ok, peers, intervalSeconds }) => [ok, peers, intervalSeconds]),
    [
      [true, 1, 1800],
      [false, 0, null],
    ],
  );
});

test('when every tracker fails, the summary says so', () => {
  const scene = started('a | b');
  scene.fail('a');
  scene.run(6 * SECOND);
  assert.equal(scene.announcer.summary(scene.time).allFailed, true);
});

test('a tracker in several tiers is announced to once, and there is a bound', () => {
  assert.equal(started('a | a b').said(), 'a:started b:started');
  const many = started(Array.from({ length: 300 }, (_, i) => `t${i}`).join(' | '));
  assert.equal(many.asked.length, 100);
});

test('after abort nothing is in flight, no timer is set, and nobody is told', () => {
  const scene = started('a b | c');
  scene.announcer.abort();
  assert.ok(scene.asked.every(({ isCancelled }) => isCancelled));
  assert.equal(scene.timers.size, 0);
  assert.deepEqual(scene.stops, []);
});
