import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_ABILITIES, NO_ABILITIES } from '../../../test/tui/support/show.ts';
import { firstState, type KeyContext, onKey, parseLimit, type UiState, type Wish } from './ui-state.ts';

const CONTEXT: KeyContext = { abilities: ALL_ABILITIES, torrentCount: 1, rowCount: 50, pageRows: 10 };

/** Types `keys` one after the other; the state after the last and every wish on the way. */
function type(keys: readonly string[], context: KeyContext = CONTEXT): { state: UiState; wishes: Wish[] } {
  let state = firstState(context.torrentCount);
  const wishes: Wish[] = [];
  for (const key of keys) {
    const result = onKey(state, key, context);
    state = result.state;
    if (result.wish !== null) wishes.push(result.wish);
  }
  return { state, wishes };
}

test('every view opens by its key, closes by the same key or Escape, and help goes back to where it came from', () => {
  assert.equal(type(['p']).state.view, 'peers');
  assert.equal(type(['p', 'f']).state.view, 'files');
  assert.equal(type(['p', 'p']).state.view, 'overview');
  assert.equal(type(['l', 'escape']).state.view, 'overview');
  assert.equal(type(['t', '?']).state.view, 'help');
  assert.equal(type(['t', '?', 'escape']).state.view, 'trackers');
  assert.equal(type(['m', '?', '?']).state.view, 'pieces');
});

test('one torrent is shown at once, several as a list', () => {
  assert.equal(type([]).state.isList, false);
  const several = { ...CONTEXT, torrentCount: 3 };
  assert.equal(type([], several).state.isList, true);
  const opened = type(['down', 'down', 'down', 'down', 'enter'], several).state;
  assert.deepEqual([opened.isList, opened.torrent], [false, 2]);
  assert.equal(type(['enter', 'f', 'escape', 'escape'], several).state.isList, true);
  assert.equal(type(['enter', 'tab', 'tab'], several).state.torrent, 2);
  assert.equal(type(['enter', 'tab', 'tab', 'tab'], several).state.torrent, 0);
  assert.equal(type(['?', 'escape'], several).state.isList, true);
});

test('moving stops at both ends, by rows and by pages', () => {
  assert.equal(type(['p', 'up']).state.positions.peers, 0);
  assert.equal(type(['p', 'down', 'j']).state.positions.peers, 2);
  assert.equal(type(['p', 'pagedown']).state.positions.peers, 9);
  assert.equal(type(['p', 'end']).state.positions.peers, 40, 'the last page is full');
  assert.equal(type(['p', 'G', 'down', 'k']).state.positions.peers, 39);
  assert.equal(type(['f', 'end']).state.positions.files, 49, 'every file can be chosen');
  assert.equal(type(['f', 'end', 'home']).state.positions.files, 0);
  assert.equal(type(['l', 'up', 'up', 'down']).state.positions.log, 1, 'the log counts from its end');
  assert.equal(type(['p', 'down'], { ...CONTEXT, rowCount: 3 }).state.positions.peers, 0);
});

test('quitting, suspending and repainting work everywhere', () => {
  for (const before of [[], ['p'], ['?'], ['f', 'down']]) {
    assert.deepEqual(type([...before, 'q']).wishes, [{ kind: 'quit' }]);
    assert.deepEqual(type([...before, 'ctrl+c']).wishes, [{ kind: 'quit' }]);
    assert.deepEqual(type([...before, 'ctrl+z']).wishes, [{ kind: 'suspend' }]);
    assert.deepEqual(type([...before, 'ctrl+l']).wishes, [{ kind: 'repaint' }]);
  }
});

test('what a client cannot do has no key', () => {
  const poor = { ...CONTEXT, abilities: NO_ABILITIES };
  for (const key of [' ', 'a', 'd', 'u', '+', '-']) {
    for (const view of [[], ['f'], ['t']]) {
      const { state, wishes } = type([...view, key], poor);
      assert.deepEqual(wishes, [], key);
      assert.equal(state.prompt, null);
    }
  }
  assert.deepEqual(type([' ', 'a']).wishes, [{ kind: 'toggle-pause' }, { kind: 'announce' }]);
  assert.deepEqual(type(['f', ' ', '+', '-']).wishes, [
    { kind: 'toggle-file' },
    { kind: 'change-priority', by: 1 },
    { kind: 'change-priority', by: -1 },
  ]);
});

test('a limit is typed, corrected, refused or left', () => {
  const { state, wishes } = type(['d', '2', '.', '5', 'x', 'M', 'enter']);
  assert.deepEqual(wishes, [{ kind: 'limit', limit: 'maxDownRate', bytesPerSecond: 2_500_000 }]);
  assert.equal(state.prompt, null);
  assert.deepEqual(type(['u', '9', 'backspace', 'enter']).wishes, [
    { kind: 'limit', limit: 'maxUpRate', bytesPerSecond: 0 },
  ]);
  assert.match(type(['d', 'M', 'enter']).state.prompt?.complaint ?? '', /not a rate/);
  assert.equal(type(['d', '5', 'escape']).state.prompt, null);
  assert.deepEqual(type(['d', 'ctrl+c']).wishes, [{ kind: 'quit' }]);
  assert.deepEqual(type(['d', 'q']).wishes, [], 'letters are typed, not obeyed');
});

test('rates are decimal, and nothing or 0 means no limit', () => {
  assert.deepEqual(
    ['', '0', '1', '500k', '2.5M', '1G', '0.1'].map(parseLimit),
    [0, 0, 1, 500e3, 2.5e6, 1e9, 1],
  );
  assert.deepEqual(['k', '1.', '.5', '1kk', '9999G'].map(parseLimit), [null, null, null, null, null]);
});

test('a key that means nothing changes nothing', () => {
  const state = firstState(1);
  for (const key of ['x', 'ß', 'enter', 'left', 'escape', 'tab', 'ctrl+x', '']) {
    assert.deepEqual(onKey(state, key, CONTEXT), { state, wish: null }, key);
  }
});
