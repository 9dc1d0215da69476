/**
 * A program that writes marked states without end, to be killed: arguments are the folder, the first number, and `core` or
 * `worker`. Prints each number when it is durable.
 */
import { writeSync } from 'node:fs';
import { openSqlDatabase } from '../../src/node/store/sql-database.ts';
import { StateCore } from '../../src/node/store/state-core.ts';
import { WorkerStateStore } from '../../src/node/store/worker-state-store.ts';
import { NodeTime } from '../../src/node/time.ts';
import type { TorrentUpdate } from '../../src/ports/state-store.ts';
import { hashOf, markedUpdate, StateRecorder } from './state-store-recorder.ts';

const TORRENTS = 3;

const [folder, first, mode] = process.argv.slice(2) as [string, string, string];

/** State `number`: every part of every torrent says so, and the last torrent comes and goes. */
function updates(number: number): TorrentUpdate[] {
  const present = number % 2 === 0 ? TORRENTS : TORRENTS - 1;
  return Array.from({ length: present }, (_, i) => markedUpdate(hashOf(i), number));
}

function say(number: number): void {
  writeSync(1, `${number}\n`);
}

function writeWithCore(): void {
  const core = new StateCore({ folder, openDatabase: openSqlDatabase, onSetAside: fail });
  const { failure } = core.open();
  if (failure !== null) fail(failure);
  for (let number = Number(first); ; number++) {
    const changes = updates(number).map((update) => ({
      infoHash: update.infoHash,
      isRemoved: false,
      update,
    }));
    const gone = { infoHash: hashOf(TORRENTS - 1), isRemoved: true, update: null };
    const refused = core.commit(number % 2 === 0 ? changes : [...changes, gone]);
    if (refused !== null) fail(refused);
    say(number);
  }
}

function writeWithWorker(): void {
  const time = new NodeTime();
  const recorder = new StateRecorder(new WorkerStateStore({ folder, time, onBug: fail }));
  let number = Number(first) - 1;
  const next = (): void => {
    number++;
    if (number % 2 === 1) recorder.store.remove(hashOf(TORRENTS - 1));
    for (const update of updates(number)) recorder.store.save(update);
    recorder.store.flush();
  };
  time.bind({
    onTurn() {
      const before = recorder.all('flushed').length;
      recorder.onTurn();
      if (recorder.all('flushed').length === before) return;
      if (recorder.last('flushed').failure !== null) fail(recorder.last('flushed').failure);
      say(number);
      next();
    },
  });
  recorder.store.open();
  next();
}

function fail(reason: unknown): never {
  writeSync(2, `${JSON.stringify(reason)} ${String(reason)}\n`);
  process.exit(1);
}

if (mode === 'core') writeWithCore();
else writeWithWorker();
