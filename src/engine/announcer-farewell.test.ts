import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnnouncerScene, MINUTE, order, SECOND, started } from '../../test/support/announcer-scene.ts';

test('stopped goes to every tracker that heard started, and to no other', () => {
  const scene = started('a b | c | d');
  const [first, second] = order(scene);
  scene.fail(first);
  scene.answer(second);
  scene.answer('c');
  scene.fail('d');
  scene.said();
  scene.announcer.stop(3000);
  assert.equal(scene.said(), `${second}:stopped c:stopped`);
  assert.equal(scene.inFlight('c').request.numWant, 0);
  assert.equal(scene.inFlight('c').request.timeoutMs, 3000);
  scene.answer(second);
  assert.deepEqual(scene.stops, []);
  scene.answer('c');
  assert.deepEqual(scene.stops, [{ told: 2, notTold: 0, at: 0 }]);
  scene.run(60 * MINUTE);
  assert.equal(scene.said(), '');
  assert.equal(scene.timers.size, 0);
});

test('trackers that do not answer stopped cost 3 s in all', () => {
  const scene = started('a | b | c');
  for (const name of ['a', 'b', 'c']) scene.answer(name);
  scene.announcer.stop(3000);
  scene.answer('a');
  scene.fail('b');
  scene.run(3000 - 1);
  assert.deepEqual(scene.stops, []);
  const last = scene.inFlight('c');
  scene.run(1);
  assert.deepEqual(scene.stops, [{ told: 1, notTold: 2, at: 3000 }]);
  assert.ok(last.isCancelled);
  const reports = scene.reports.filter(({ announce }) => announce === 'stopped');
  assert.deepEqual(
    reports.map(({ url, ok }) => [url, ok]),
    [
      ['http://a/', true],
      ['http://b/', false],
      ['http://c/', false],
    ],
  );
});

test('with nobody to tell, stopping is immediate', () => {
  const never = new AnnouncerScene('a');
  never.announcer.stop(3000);
  assert.equal(never.stops.length, 1);

  const silent = started('a');
  silent.run(6 * SECOND); // it is slow already
  silent.announcer.stop(3000);
  assert.deepEqual(silent.stops, [{ told: 0, notTold: 0, at: 6000 }]);
  assert.ok(silent.asked[0]?.isCancelled);

  const unheard = new AnnouncerScene('a');
  unheard.mayBeHeard = false;
  unheard.announcer.start();
  unheard.announcer.stop(3000);
  assert.deepEqual(unheard.stops, [{ told: 0, notTold: 0, at: 0 }]);

  const none = new AnnouncerScene('a');
  none.announcer.abort();
  assert.equal(none.stops.length, 0);
});

test('a tracker that is hearing started when we stop hears stopped after its answer', () => {
  const scene = started('a');
  scene.announcer.stop(3000);
  assert.deepEqual(scene.stops, []);
  scene.run(200);
  scene.said();
  scene.answer('a');
  assert.equal(scene.said(), 'a:stopped');
  scene.answer('a');
  assert.deepEqual(scene.stops, [{ told: 1, notTold: 0, at: 200 }]);
  assert.deepEqual(scene.peers, [], 'nobody wants peers any more');
});

test('completed and stopped in one breath are both heard, in that order', () => {
  const scene = started('a | b');
  scene.answer('a');
  scene.said();
  scene.announcer.complete(); // a hears it; b is still hearing started
  scene.announcer.stop(3000);
  assert.equal(scene.said(), 'a:completed');
  scene.answer('a');
  assert.equal(scene.said(), 'a:stopped');
  scene.answer('b');
  assert.equal(scene.said(), 'b:completed');
  scene.answer('b');
  assert.equal(scene.said(), 'b:stopped');
  scene.answer('a');
  scene.answer('b');
  assert.deepEqual(scene.stops, [{ told: 2, notTold: 0, at: 0 }]);
});

test('a completed that is not answered is given up for stopped after half of the time', () => {
  const scene = started('a');
  scene.answer('a');
  scene.announcer.complete();
  scene.announcer.stop(3000);
  scene.said();
  scene.run(1500);
  assert.equal(scene.said(), 'a:stopped');
  assert.equal(scene.inFlight('a').request.timeoutMs, 1500);
  scene.run(1500);
  assert.deepEqual(scene.stops, [{ told: 0, notTold: 1, at: 3000 }]);
});
