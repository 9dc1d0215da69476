import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateTree } from '../../test/support/content.ts';
import { sessionOf, snapshotOf } from '../../test/tui/support/show.ts';
import { ClientError } from '../client/index.ts';
import type { Steering } from './data/steering.ts';
import { firstState, type UiState } from './data/ui-state.ts';
import { fulfil, type SteeringWish } from './fulfil-wish.ts';

const CONTENT = generateTree('tree', 12, 4096);

/** Fulfils `wishes` with the row `chosen` of the files; the calls that the client got. */
async function calls(chosen: number, ...wishes: readonly SteeringWish[]): Promise<string[]> {
  const session = sessionOf(CONTENT);
  const made: string[] = [];
  const steering: Steering = {
    pause: async () => void made.push('pause'),
    resume: async () => void made.push('resume'),
    announceNow: async () => void made.push('announce'),
    setFilePriority: async (_infoHash, file, priority) => void made.push(`${file}=${priority}`),
    setLimits: async (infoHash, limits) => void made.push(`${infoHash} ${JSON.stringify(limits)}`),
  };
  const first = firstState(1);
  const ui: UiState = { ...first, positions: { ...first.positions, files: chosen } };
  for (const wish of wishes) assert.equal(await fulfil(wish, steering, session, ui), null);
  return made;
}

test('a file is wanted or not, and its priority stays between the lowest and the highest', async () => {
  const toggle = { kind: 'toggle-file' } as const;
  const more = { kind: 'change-priority', by: 1 } as const;
  assert.deepEqual(await calls(2, toggle, toggle), ['0=0', '0=4']);
  assert.deepEqual(await calls(2, more, more, more, more), ['0=5', '0=6', '0=7', '0=7']);
});

test('a folder stands for the files in it', async () => {
  assert.deepEqual(await calls(12, { kind: 'toggle-file' }), ['10=0', '11=0']);
  assert.equal((await calls(0, { kind: 'toggle-file' })).length, 12);
});

test('limits hold for all torrents, and one direction leaves the other alone', async () => {
  const wishes = [
    { kind: 'limit', limit: 'maxDownRate', bytesPerSecond: 500 },
    { kind: 'limit', limit: 'maxUpRate', bytesPerSecond: 7 },
  ] as const;
  assert.deepEqual(await calls(0, ...wishes), [
    'null {"maxDownRate":500,"maxUpRate":0}',
    'null {"maxDownRate":500,"maxUpRate":7}',
  ]);
});

test('one key pauses what runs and resumes what is paused', async () => {
  assert.deepEqual(await calls(0, { kind: 'toggle-pause' }, { kind: 'announce' }), ['pause', 'announce']);
  const session = sessionOf(CONTENT);
  const paused = { ...snapshotOf(CONTENT), state: 'paused' as 'downloading' };
  session.torrents[0]!.snapshot = paused;
  let isResumed = false;
  const resume = async (): Promise<void> => {
    isResumed = true;
  };
  await fulfil({ kind: 'toggle-pause' }, { resume }, session, firstState(1));
  assert.equal(isResumed, true);
});

test('a refusal is a sentence, a bug is thrown', async () => {
  const session = sessionOf(CONTENT);
  const refuse = (error: Error) => ({ announceNow: () => Promise.reject(error) });
  const announce = { kind: 'announce' } as const;
  const closed = new ClientError('closed', 'the client is closed');
  assert.equal(await fulfil(announce, refuse(closed), session, firstState(1)), 'the client is closed');
  await assert.rejects(fulfil(announce, refuse(new TypeError('a bug')), session, firstState(1)), TypeError);
});
