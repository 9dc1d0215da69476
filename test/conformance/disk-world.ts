/**
 * Owns the two worlds that the disk's suites run in: a worker with real files, and the simulator with none.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Arena } from '../../src/base/arena.ts';
import { BLOCK_LENGTH } from '../../src/base/numbers.ts';
import { NodeCrypto } from '../../src/node/crypto.ts';
import { NodeFileSystem } from '../../src/node/file-system.ts';
import { NodeTime } from '../../src/node/time.ts';
import { WorkerDisk } from '../../src/node/worker-disk.ts';
import type { StorageSpec } from '../../src/ports/disk.ts';
import type { FileSystem } from '../../src/ports/file-system.ts';
import type { ResumeData } from '../../src/ports/state-store.ts';
import { InlineDisk } from '../../src/sim/inline-disk.ts';
import { MemoryFileSystem } from '../../src/sim/memory-file-system.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { SimTime } from '../../src/sim/sim-time.ts';
import { type CompletionOf, DiskRecorder } from './disk-recorder.ts';
import type { TestTorrent } from './disk-torrent.ts';

const DEADLINE_MS = 20_000;
const SLOT_COUNT = 256;

export interface DiskWorld {
  readonly recorder: DiskRecorder;
  readonly fileSystem: FileSystem;
  /** An empty directory that exists. */
  readonly directory: string;
  /** Lets the world run until `predicate` holds; throws when it never will. */
  until(predicate: () => boolean): Promise<void>;
  /** Lets time pass, so that what is written to a file then has another time of modification. */
  pause(): Promise<void>;
  /** Makes a second disk over the same files, as after a restart. */
  restart(): Promise<DiskRecorder>;
  dispose(): Promise<void>;
}

export type MakeDiskWorld = (slotCount?: number) => Promise<DiskWorld>;

export async function realDiskWorld(slotCount = SLOT_COUNT): Promise<DiskWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'spate-disk-'));
  const closers: (() => void)[] = [];
  const make = (): DiskRecorder => {
    const arena = new Arena(slotCount * BLOCK_LENGTH);
    const time = new NodeTime();
    const bugs: Error[] = [];
    const onBug = (error: Error): void => {
      bugs.push(error);
    };
    const recorder = new DiskRecorder(new WorkerDisk({ memory: arena.memory, time, onBug }), arena);
    time.bind(recorder);
    closers.push(() => {
      time.close();
      assert.deepEqual(bugs, []);
    });
    return recorder;
  };
  const until = async (predicate: () => boolean): Promise<void> => {
    const deadline = performance.now() + DEADLINE_MS;
    while (!predicate()) {
      assert.ok(performance.now() < deadline, `not after ${DEADLINE_MS} ms: ${predicate}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  let recorder = make();
  const first = recorder;
  return {
    recorder: first,
    fileSystem: new NodeFileSystem(),
    directory,
    until,
    pause: () => new Promise((resolve) => setTimeout(resolve, 25)),
    restart: async () => {
      await close(recorder, until);
      recorder = make();
      return recorder;
    },
    dispose: async () => {
      await close(recorder, until);
      for (const closer of closers) closer();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The simulated world, with the file system that faults are injected into. */
export interface SimDiskWorld extends DiskWorld {
  readonly fileSystem: MemoryFileSystem;
  readonly scheduler: Scheduler;
  /** Makes another disk over the same files; the one before ended without a word. */
  die(): DiskRecorder;
}

export async function simDiskWorld(
  slotCount = SLOT_COUNT,
  maxOpenFiles: number | null = null,
  canLosePower = false,
): Promise<SimDiskWorld> {
  const scheduler = new Scheduler();
  const fileSystem = new MemoryFileSystem({ now: () => scheduler.now, canLosePower });
  fileSystem.makeDirectory('/data');
  let stopLast = (): void => {};
  const make = (): DiskRecorder => {
    const arena = new Arena(slotCount * BLOCK_LENGTH);
    const time = new SimTime(scheduler, { origin: 5, wallClockOrigin: 0 });
    const disk = new InlineDisk({
      memory: arena.memory,
      fileSystem,
      crypto: new NodeCrypto(),
      time,
      scheduler,
      ...(maxOpenFiles === null ? {} : { maxOpenFiles }),
    });
    stopLast = () => disk.stop();
    const recorder = new DiskRecorder(disk, arena);
    time.bind(recorder);
    return recorder;
  };
  const until = async (predicate: () => boolean): Promise<void> => {
    assert.equal(scheduler.run(predicate, 1e9), 'done', `never: ${predicate}`);
  };
  let recorder = make();
  return {
    recorder,
    fileSystem,
    scheduler,
    die: () => {
      stopLast();
      recorder = make();
      return recorder;
    },
    directory: '/data',
    until,
    pause: async () => scheduler.advance(25),
    restart: async () => {
      await close(recorder, until);
      recorder = make();
      return recorder;
    },
    dispose: async () => {
      await close(recorder, until);
      assert.equal(fileSystem.openCount, 0, 'every file is closed');
    },
  };
}

async function close(
  recorder: DiskRecorder,
  until: (predicate: () => boolean) => Promise<void>,
): Promise<void> {
  if (recorder.all('closed').length === 0) {
    recorder.disk.close();
    recorder.disk.submit();
    await until(() => recorder.all('closed').length === 1);
  }
  assert.ok(recorder.hasAllSlots, 'every slot came back');
}

/** All that `path` contains, or null when nothing is there. */
export function readFile(fileSystem: FileSystem, path: string): Uint8Array | null {
  const status = fileSystem.status(path);
  if (status === null || status.kind !== 'file') return null;
  const bytes = new Uint8Array(status.length);
  const handle = fileSystem.open(path, 'read');
  handle.read(0, [bytes]);
  handle.close();
  return bytes;
}

/** Puts `bytes` at `path`, with its folders. */
export function plantFile(fileSystem: FileSystem, path: string, bytes: Uint8Array): void {
  fileSystem.makeDirectory(path.slice(0, path.lastIndexOf('/')));
  const handle = fileSystem.open(path, 'create');
  handle.truncate(0);
  handle.write(0, [bytes]);
  handle.close();
}

/** Opens and checks a storage; its completion of the check. */
export async function openAndCheck(
  world: DiskWorld,
  recorder: DiskRecorder,
  storage: number,
  spec: StorageSpec,
  resume: ResumeData | null = null,
): Promise<CompletionOf<'checked'>> {
  const before = recorder.all('checked').length;
  recorder.open(storage, spec, resume);
  recorder.check(storage);
  recorder.disk.submit();
  await world.until(() => recorder.all('checked').length > before);
  return recorder.last('checked');
}

/** Downloads the pieces, all by default, and waits for their hashes. */
export async function downloadAll(
  world: DiskWorld,
  recorder: DiskRecorder,
  storage: number,
  torrent: TestTorrent,
  pieces?: readonly number[],
): Promise<void> {
  const wanted = pieces ?? Array.from({ length: torrent.pieceCount }, (_, piece) => piece);
  for (const piece of wanted) {
    const before = recorder.all('hashed').length;
    recorder.download(storage, torrent, piece);
    recorder.disk.submit();
    await world.until(() => recorder.all('hashed').length > before);
  }
}

/** Takes a snapshot and waits for it. */
export async function snapshot(
  world: DiskWorld,
  recorder: DiskRecorder,
  storage: number,
  sync = true,
): Promise<CompletionOf<'snapshot'>> {
  const before = recorder.count('snapshot');
  recorder.snapshot(storage, sync);
  recorder.disk.submit();
  await world.until(() => recorder.count('snapshot') > before);
  return recorder.last('snapshot');
}

/** Releases a storage and waits for it. */
export async function release(
  world: DiskWorld,
  recorder: DiskRecorder,
  storage: number,
): Promise<CompletionOf<'released'>> {
  const before = recorder.all('released').length;
  recorder.release(storage);
  recorder.disk.submit();
  await world.until(() => recorder.all('released').length > before);
  return recorder.last('released');
}
