import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StateFolderWorld, stateFolder } from './state-folder.ts';

function world(
  platform: NodeJS.Platform,
  environment: StateFolderWorld['environment'] = {},
): StateFolderWorld {
  const isWindows = platform === 'win32';
  return {
    platform,
    environment,
    home: isWindows ? 'C:\\Users\\ann' : '/users/ann',
    workingDirectory: isWindows ? 'D:\\here' : '/here',
  };
}

test('on Linux the state lies where the XDG specification says', () => {
  assert.equal(stateFolder(null, world('linux')), '/users/ann/.local/state/spate');
  assert.equal(stateFolder(null, world('linux', { XDG_STATE_HOME: '/x/state' })), '/x/state/spate');
  assert.equal(stateFolder(null, world('freebsd')), '/users/ann/.local/state/spate');
});

test('a relative or empty XDG_STATE_HOME is ignored', () => {
  for (const value of ['', 'state', './state']) {
    assert.equal(
      stateFolder(null, world('linux', { XDG_STATE_HOME: value })),
      '/users/ann/.local/state/spate',
    );
  }
});

test('on macOS and Windows it lies in the usual places', () => {
  assert.equal(stateFolder(null, world('darwin')), '/users/ann/Library/Application Support/Spate');
  assert.equal(stateFolder(null, world('win32')), 'C:\\Users\\ann\\AppData\\Local\\Spate');
  assert.equal(stateFolder(null, world('win32', { LOCALAPPDATA: 'E:\\local' })), 'E:\\local\\Spate');
  assert.equal(
    stateFolder(null, world('darwin', { XDG_STATE_HOME: '/x' })),
    '/users/ann/Library/Application Support/Spate',
  );
});

test('a folder that the person names wins, relative to the working directory', () => {
  assert.equal(stateFolder('st', world('linux', { XDG_STATE_HOME: '/x' })), '/here/st');
  assert.equal(stateFolder('/st/', world('darwin')), '/st');
  assert.equal(stateFolder('st', world('win32')), 'D:\\here\\st');
});
