import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_CANDIDATE_FAILURES, MAX_CANDIDATES, RETRY_FIRST_MS } from './limits.ts';
import { PeerList } from './peer-list.ts';

const endpoint = (address: string, port = 6881): { address: string; port: number } => ({ address, port });

test('the same endpoint is one candidate, whoever names it', () => {
  const list = new PeerList();
  assert.equal(list.add(endpoint('10.0.0.1'), 'tracker', '10.0.0.9'), true);
  assert.equal(list.add(endpoint('10.0.0.1'), 'user', null), false);
  assert.equal(list.size, 1);
});

test('loopback and link-local addresses are believed only from such an address, or from the user', () => {
  const cases: [string, 'tracker' | 'user', string | null, boolean][] = [
    ['127.0.0.1', 'tracker', '93.184.216.34', false],
    ['127.0.0.1', 'tracker', null, false],
    ['127.0.0.1', 'tracker', '127.0.0.1', true],
    ['127.0.0.2', 'user', null, true],
    ['::1', 'tracker', '2001:db8::1', false],
    ['::1', 'tracker', '::1', true],
    ['169.254.1.1', 'tracker', '10.0.0.1', false],
    ['fe80::1', 'tracker', 'fe80::2', true],
    ['10.0.0.1', 'tracker', '93.184.216.34', true],
    ['0.0.0.0', 'user', null, false],
    ['224.0.0.1', 'user', null, false],
  ];
  for (const [address, source, from, expected] of cases) {
    assert.equal(new PeerList().add(endpoint(address), source, from), expected, `${address} from ${from}`);
  }
});

test('a candidate that fails waits longer each time and is given up in the end', () => {
  const list = new PeerList();
  list.add(endpoint('10.0.0.1'), 'tracker', null);
  let now = 0;
  let previousWait = 0;
  for (let failure = 0; failure < MAX_CANDIDATE_FAILURES; failure++) {
    const candidate = list.next(now)!;
    assert.ok(candidate, `failure ${failure}`);
    list.onConnecting(candidate);
    assert.equal(list.next(now), null, 'a connected candidate is not dialled');
    list.onClosed(candidate, 'later', false, now);
    const wait = candidate.retryAt - now;
    assert.ok(wait >= previousWait && wait >= RETRY_FIRST_MS);
    assert.equal(list.next(candidate.retryAt - 1), null);
    previousWait = wait;
    now = candidate.retryAt;
  }
  assert.equal(list.next(now), null);
  list.add(endpoint('10.0.0.1'), 'tracker', null);
  assert.notEqual(list.next(now), null, 'named again: one more chance');
});

test('a peer that was useful is dialled again soon', () => {
  const list = new PeerList();
  list.add(endpoint('10.0.0.1'), 'tracker', null);
  const candidate = list.next(0)!;
  list.onConnecting(candidate);
  list.onClosed(candidate, 'soon', true, 1000);
  assert.equal(candidate.retryAt, 1000 + RETRY_FIRST_MS / 10);
});

test('fresh candidates come before those that failed', () => {
  const list = new PeerList();
  list.add(endpoint('10.0.0.1'), 'tracker', null);
  const failed = list.next(0)!;
  list.onConnecting(failed);
  list.onClosed(failed, 'later', false, 0);
  list.add(endpoint('10.0.0.2'), 'tracker', null);
  assert.equal(list.next(1e9)!.endpoint.address, '10.0.0.2');
});

test('the list is bounded, and the worst make room', () => {
  const list = new PeerList();
  for (let i = 0; i < MAX_CANDIDATES; i++) {
    assert.equal(list.add(endpoint(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`), 'tracker', null), true);
  }
  assert.equal(list.add(endpoint('11.0.0.1'), 'tracker', null), false, 'all are fresh');
  const failed = list.next(0)!;
  list.onConnecting(failed);
  list.onClosed(failed, 'later', false, 0);
  assert.equal(list.add(endpoint('11.0.0.1'), 'tracker', null), true);
  assert.equal(list.size, MAX_CANDIDATES);
  assert.equal(list.byNumber(failed.number), undefined);
});

test('the port of an incoming connection is not dialled, and a spent candidate neither', () => {
  const list = new PeerList();
  const incoming = list.addIncoming(endpoint('10.0.0.1', 40_000));
  list.onConnecting(incoming);
  assert.equal(list.next(0), null);
  list.onClosed(incoming, 'soon', true, 0);
  assert.equal(list.next(1e9), null);
  assert.equal(list.byNumber(incoming.number), incoming, 'its number may still be blamed');
  list.add(endpoint('10.0.0.2'), 'tracker', null);
  const spent = list.next(0)!;
  list.onConnecting(spent);
  list.onClosed(spent, 'ban', false, 0);
  assert.equal(list.next(1e9), null);
});
