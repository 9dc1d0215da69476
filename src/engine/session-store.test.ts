import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_PROGRESS, type StateFailure, type StateStore, type StoredTorrent } from '../ports/state-store.ts';
import type { EngineEvent } from './events.ts';
import { SessionStore } from './session-store.ts';

function scene(hasStore = true): { store: SessionStore; calls: string[]; events: EngineEvent[] } {
  const calls: string[] = [];
  const events: EngineEvent[] = [];
  const port = {
    bind: () => calls.push('bind'),
    open: () => calls.push('open'),
    close: () => calls.push('close'),
    save: () => calls.push('save'),
    deliver: () => calls.push('deliver'),
  } as unknown as StateStore;
  const store = new SessionStore(
    hasStore ? port : null,
    { emit: (event) => events.push(event) },
    {
      onStoreReady: () => calls.push('ready'),
      onStoreClosed: () => calls.push('closed'),
      onStoreEmptied: () => calls.push('emptied'),
    },
  );
  return { store, calls, events };
}

function messageOf(event: EngineEvent | undefined): string {
  return event?.event === 'state' ? event.message : '';
}

test('without a store the session is ready at once, remembers nothing and closes at once', () => {
  const { store, calls } = scene(false);
  assert.equal(store.isReady, true);
  store.save({ infoHash: 'ab' });
  assert.equal(store.take('ab'), null);
  store.close();
  assert.deepEqual(calls, ['closed']);
});

test('a torrent is handed out once, because from then on it knows better itself', () => {
  const { store, calls } = scene();
  store.onTorrents([{ infoHash: 'ab', progress: NO_PROGRESS } as StoredTorrent]);
  assert.equal(store.isReady, false);
  store.onOpened(null);
  assert.equal(store.isReady, true);
  assert.deepEqual(calls, ['bind', 'ready']);
  assert.equal(store.take('ab')?.infoHash, 'ab');
  assert.equal(store.take('ab'), null);
});

test('trouble never stops the session: it is ready, and says what is wrong and what to do', () => {
  const cases: [StateFailure['code'], RegExp][] = [
    ['in-use', /the state in \/st \(process 7\) is used by another spate: .*--state/],
    ['newer-schema', /written by a newer spate/],
    ['read-only', /cannot open the state in \/st \(process 7\) \(read only\)/],
  ];
  for (const [code, sentence] of cases) {
    const { store, events } = scene();
    store.onOpened({ code, operation: 'open', detail: '/st (process 7)' });
    assert.equal(store.isReady, true);
    assert.match(messageOf(events[0]), sentence);
  }
});

test('a store that was set aside is told, and everything is saved again', () => {
  const { store, calls, events } = scene();
  store.onSetAside({ path: '/st/state.db.bad', reason: 'a page is torn', keptTorrents: 3, lostTorrents: 1 });
  assert.match(messageOf(events[0]), /damaged \(a page is torn\).*\/st\/state\.db\.bad.*3 torrents/);
  assert.ok(calls.includes('emptied'));
});

test('a last save that failed is told before the end', () => {
  const { store, calls, events } = scene();
  store.onClosed({ code: 'disk-full', operation: 'write', detail: '/st' });
  assert.match(messageOf(events[0]), /could not be saved to \/st \(disk full\)/);
  assert.deepEqual(calls, ['bind', 'closed']);
});
