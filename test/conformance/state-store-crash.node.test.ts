/**
 * Owns the state store's crashes on real files: processes killed while they write, and logs that a power failure cut
 * short. Whatever is found then is a state that was once written whole.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSqlDatabase } from '../../src/node/store/sql-database.ts';
import { StateCore } from '../../src/node/store/state-core.ts';
import type { StoredTorrent } from '../../src/ports/state-store.ts';
import { Scope } from '../support/scope.ts';
import { hashOf, markedTorrent, markedUpdate } from './state-store-recorder.ts';
import { readCopy, readFolder } from './state-store-world.ts';

const WRITER = fileURLToPath(new URL('./state-store-writer.ts', import.meta.url));
const KILLS = 20;

/** Starts a writer, kills it `delayMs` after its first durable state; the last number that it said to be durable. */
async function writeUntilKilled(
  folder: string,
  first: number,
  mode: 'core' | 'worker',
  delayMs: number,
): Promise<number> {
  const child = spawn(process.execPath, [WRITER, folder, String(first), mode], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  child.stdout.on('data', (text) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    output += text;
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, how) => resolve(how)));
  assert.equal(signal, 'SIGKILL', errors);
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
  return Number(lines.at(-1));
}

/** The number of the state that the torrents are; they agree in every part. */
function numberOf(torrents: readonly StoredTorrent[]): number {
  const number = torrents[0]!.progress.uploadedBytes;
  const hashes = number % 2 === 0 ? [0, 1, 2] : [0, 1];
  const byHash = (a: StoredTorrent, b: StoredTorrent): number => (a.infoHash < b.infoHash ? -1 : 1);
  assert.deepEqual(
    [...torrents].sort(byHash),
    hashes.map((hash) => markedTorrent(hashOf(hash), number)),
  );
  return number;
}

test(`a writer that is killed ${KILLS} times leaves a whole state each time, the newest it spoke of or a later one`, async (t) => {
  const scope = new Scope({ after: (action) => t.after(action) });
  const folder = await scope.directory();
  let number = 0;
  for (let round = 0; round < KILLS; round++) {
    const mode = round % 4 === 3 ? 'worker' : 'core';
    const said = await writeUntilKilled(folder, number + 1, mode, (round * 7) % 40);
    const found = numberOf(readFolder(folder));
    assert.ok(found >= said && found <= said + 1, `round ${round}: ${said} was durable, ${found} was found`);
    number = found;
  }
  assert.ok(number > 2 * KILLS, `${number} states were written`);
});

test('a log cut short anywhere, or with its end overwritten, gives an earlier state, whole', async (t) => {
  const scope = new Scope({ after: (action) => t.after(action) });
  const folder = join(await scope.directory(), 'state');
  const core = new StateCore({ folder, openDatabase: openSqlDatabase, onSetAside: () => assert.fail() });
  core.open();
  for (let number = 1; number <= 4; number++) {
    const changes = [0, 1].map((hash) => {
      const update = markedUpdate(hashOf(hash), 2 * number + 1);
      return { infoHash: update.infoHash, isRemoved: false, update };
    });
    assert.equal(core.commit(changes), null);
  }
  const copy = join(await scope.directory(), 'copy');
  cpSync(folder, copy, { recursive: true, filter: (path) => !/state\.(lock|pid)/.test(path) });
  core.close();
  const log = readFileSync(join(copy, 'state.db-wal'));
  const found = new Set<number>();
  const cut = join(await scope.directory(), 'cut');
  mkdirSync(cut);
  const look = (bytes: Uint8Array): void => {
    cpSync(join(copy, 'state.db'), join(cut, 'state.db'));
    writeFileSync(join(cut, 'state.db-wal'), bytes);
    const torrents = readCopy(cut);
    found.add(torrents.length === 0 ? 0 : numberOf(torrents));
  };
  // A frame is 24 bytes and a page; 777 hits every place in it in the end.
  for (let length = 0; length <= log.length; length += 777) {
    look(log.subarray(0, length));
    const torn = Buffer.from(log);
    torn.fill(length % 2 === 0 ? 0 : 0x5a, length);
    look(torn);
  }
  look(log);
  assert.deepEqual([...found].sort(), [0, 3, 5, 7, 9]);
});
