/**
 * What only the worker promises: its death costs nobody a slot, its end leaves no thread, few descriptors
 * suffice.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BLOCK_LENGTH, type PieceIndex, type SlotId, type StorageId } from '../base/numbers.ts';
import type { DiskHandler, StorageSpec } from '../ports/disk.ts';
import type { Failure } from '../ports/failure.ts';
import { NodeTime } from './time.ts';
import { WorkerDisk } from './worker-disk.ts';

const STORAGE = 1 as StorageId;

/** Writes down what comes as short texts. */
class Notes implements DiskHandler {
  readonly lines: string[] = [];

  onOpened(_: StorageId, failure: Failure | null): void {
    this.#add('opened', failure);
  }

  onCheckProgress(): void {}

  onChecked(_: StorageId, _have: Uint8Array, _partials: unknown, failure: Failure | null): void {
    this.#add('checked', failure);
  }

  onSnapshot(_: StorageId, _resume: unknown, failure: Failure | null): void {
    this.#add('snapshot', failure);
  }

  onWritten(_: StorageId, slot: SlotId, failure: Failure | null): void {
    this.#add(`written ${slot}`, failure);
  }

  onRead(_: StorageId, slot: SlotId, failure: Failure | null): void {
    this.#add(`read ${slot}`, failure);
  }

  onHashed(_: StorageId, piece: PieceIndex, _matches: boolean, failure: Failure | null): void {
    this.#add(`hashed ${piece}`, failure);
  }

  onBlockDigests(_: StorageId, piece: PieceIndex, _digests: Uint8Array, failure: Failure | null): void {
    this.#add(`digests ${piece}`, failure);
  }

  onFileCompleted(_: StorageId, file: number, failure: Failure | null): void {
    this.#add(`file ${file}`, failure);
  }

  onReleased(_: StorageId, failure: Failure | null): void {
    this.#add('released', failure);
  }

  onClosed(): void {
    this.#add('closed', null);
  }

  #add(line: string, failure: Failure | null): void {
    this.lines.push(failure === null ? line : `${line}: ${failure.code}`);
  }
}

interface Setting {
  readonly disk: WorkerDisk;
  readonly notes: Notes;
  readonly bugs: Error[];
  readonly spec: StorageSpec;
  until(line: string): Promise<void>;
}

async function withDisk(body: (setting: Setting) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'spate-worker-'));
  const time = new NodeTime();
  const bugs: Error[] = [];
  const memory = new SharedArrayBuffer(8 * BLOCK_LENGTH);
  const disk = new WorkerDisk({ memory, time, onBug: (error) => bugs.push(error) });
  const notes = new Notes();
  disk.bind(notes);
  time.bind({ onTurn: () => disk.deliver() });
  const until = async (line: string): Promise<void> => {
    const deadline = performance.now() + 10_000;
    while (!notes.lines.includes(line)) {
      assert.ok(performance.now() < deadline, `no "${line}" among ${notes.lines.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const file = { path: 'f', length: 4 * BLOCK_LENGTH, isPadding: false, isWanted: true };
  const spec: StorageSpec = {
    directory,
    files: [{ ...file, isExecutable: false, symlinkTarget: null }],
    pieceLength: 4 * BLOCK_LENGTH,
    pieceHashes: new Uint8Array(20),
    partsPath: '.parts',
    partsDirectory: null,
    overwrite: false,
  };
  try {
    await body({ disk, notes, bugs, spec, until });
  } finally {
    if (!notes.lines.includes('closed')) {
      disk.close();
      disk.submit();
      await until('closed');
    }
    time.close();
    await rm(directory, { recursive: true });
  }
}

test('a worker that dies gives every slot back, fails every storage, and is reported once', async () => {
  await withDisk(async ({ disk, notes, bugs, spec, until }) => {
    disk.open(STORAGE, spec, null);
    disk.check(STORAGE);
    disk.submit();
    await until('checked');
    // Held back by the disk, so still outstanding when a block of an impossible length breaks it.
    disk.write(STORAGE, 0 as PieceIndex, BLOCK_LENGTH, BLOCK_LENGTH, 3 as SlotId);
    disk.submit();
    disk.write(STORAGE, 0 as PieceIndex, 0, 7, 5 as SlotId);
    disk.hash(STORAGE, 0 as PieceIndex);
    disk.read(STORAGE, 0 as PieceIndex, 0, 7, 6 as SlotId);
    disk.blockDigests(STORAGE, 0 as PieceIndex);
    disk.check(STORAGE);
    disk.snapshot(STORAGE, true);
    disk.submit();
    await until('snapshot: io-error');
    assert.deepEqual(notes.lines.splice(0), [
      'opened',
      'checked',
      'written 3: io-error',
      'written 5: io-error',
      'read 6: io-error',
      'hashed 0: io-error',
      'digests 0: io-error',
      'checked: io-error',
      'snapshot: io-error',
    ]);
    assert.equal(bugs.length, 1);
    assert.match(bugs[0]!.message, /block of 7 bytes/);

    disk.write(STORAGE, 0 as PieceIndex, 0, BLOCK_LENGTH, 1 as SlotId);
    disk.open(2 as StorageId, spec, null);
    disk.release(STORAGE);
    disk.close();
    disk.submit();
    await until('closed');
    assert.deepEqual(notes.lines, ['written 1: io-error', 'opened: io-error', 'released', 'closed']);
    assert.equal(bugs.length, 1);
  });
});

test('blocks that wait for more are written when nothing comes for a while', async () => {
  await withDisk(async ({ disk, spec, until, notes }) => {
    disk.open(STORAGE, spec, null);
    disk.write(STORAGE, 0 as PieceIndex, 0, BLOCK_LENGTH, 2 as SlotId);
    disk.submit();
    await until('written 2');
    assert.deepEqual(notes.lines, ['opened', 'written 2']);
  });
});

test('a process whose disk is closed ends by itself', async () => {
  const at = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import { WorkerDisk } from ${at('./worker-disk.ts')};
    import { NodeTime } from ${at('./time.ts')};
    const time = new NodeTime();
    const disk = new WorkerDisk({ memory: new SharedArrayBuffer(16384), time });
    disk.bind({ onClosed() { console.log('closed', process._getActiveHandles().length); time.close(); } });
    time.bind({ onTurn() { disk.deliver(); } });
    disk.close();
    disk.submit();
  `;
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      ['--input-type=module', '-e', program],
      { timeout: 20_000 },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(error);
      },
    );
  });
  assert.match(output, /^closed/);
});
