/**
 * Micro benchmark of the disk: pushes blocks through `WorkerDisk` with slots going round, as a download at
 * full speed does, and prints CPU seconds a GiB (both threads), MiB/s, and the share of hashing and writing
 * measured alone. `--mode read` is the other way: `peers` peers ask for one row of blocks after the other of
 * pieces that lie in the page cache, as when seeding.
 *
 * Usage: node bench/micro/disk.ts [--mode write|read] [--gib 2] [--piece-kib 1024] [--arena-mib 64] [--peers
 * 8] [--rounds 2] [--dir DIR] Blocks come from `peers` pieces at a time, one row from each in turn, as from
 * as many peers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Arena, NO_SLOT, OWNER_DISK, OWNER_PEER } from '../../src/base/arena.ts';
import { BLOCK_LENGTH, type PieceIndex, type SlotId, type StorageId } from '../../src/base/numbers.ts';
import { NodeCrypto } from '../../src/node/crypto.ts';
import { NodeFileSystem } from '../../src/node/file-system.ts';
import { WorkerDisk } from '../../src/node/worker-disk.ts';
import type { DiskHandler, StorageSpec } from '../../src/ports/disk.ts';
import type { Failure } from '../../src/ports/failure.ts';
import type { Time, TurnHandler } from '../../src/ports/time.ts';

const MIB = 1 << 20;
const GIB = 2 ** 30;
/** Blocks that one peer delivers before the next one has its turn: a socket read's worth. */
const ROW_BLOCKS = 4;
/** Blocks handed over in a turn. */
const TURN_BLOCKS = 64;

interface Options {
  readonly isReading: boolean;
  readonly gib: number;
  readonly pieceLength: number;
  readonly arenaBytes: number;
  readonly peers: number;
  readonly directory: string;
  readonly rounds: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'write' },
      gib: { type: 'string', default: '2' },
      'piece-kib': { type: 'string', default: '1024' },
      'arena-mib': { type: 'string', default: '64' },
      peers: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '2' },
      dir: { type: 'string', default: tmpdir() },
    },
  });
  return {
    isReading: values.mode === 'read',
    gib: Number(values.gib),
    pieceLength: Number(values['piece-kib']) * 1024,
    arenaBytes: Number(values['arena-mib']) * MIB,
    peers: Number(values.peers),
    rounds: Number(values.rounds),
    directory: mkdtempSync(join(values.dir, 'spate-bench-')),
  };
}

class ImmediateTime implements Time {
  #handler: TurnHandler | null = null;
  #isRequested = false;

  now(): number {
    return performance.now();
  }

  wallClock(): number {
    return Date.now();
  }

  bind(handler: TurnHandler): void {
    this.#handler = handler;
  }

  requestTurn(): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    setImmediate(() => {
      this.#isRequested = false;
      this.#handler!.onTurn();
    });
  }

  wakeAt(): void {}
}

/** One piece that blocks are delivered of. */
interface Row {
  piece: number;
  nextBlock: number;
}

class Load implements DiskHandler, TurnHandler {
  readonly #disk: WorkerDisk;
  readonly #arena: Arena;
  readonly #pieceCount: number;
  readonly #blocksPerPiece: number;
  readonly #rows: Row[] = [];
  readonly #done: () => void;
  readonly #storage = 1 as StorageId;
  #time: Time;
  #nextPiece = 0;
  #nextRow = 0;
  #verified = 0;
  peakHeld = 0;

  constructor(disk: WorkerDisk, arena: Arena, time: Time, options: Options, done: () => void) {
    this.#disk = disk;
    this.#arena = arena;
    this.#time = time;
    this.#pieceCount = Math.floor((options.gib * GIB) / options.pieceLength);
    this.#blocksPerPiece = options.pieceLength / BLOCK_LENGTH;
    this.#done = done;
    for (let i = 0; i < options.peers && this.#nextPiece < this.#pieceCount; i++) {
      this.#rows.push({ piece: this.#nextPiece++, nextBlock: 0 });
    }
  }

  onTurn(): void {
    this.#disk.deliver();
    for (let sent = 0; sent < TURN_BLOCKS && this.#rows.length > 0; sent += ROW_BLOCKS) {
      if (!this.#deliverRow()) break;
    }
    this.peakHeld = Math.max(this.peakHeld, this.#arena.countOf(OWNER_DISK));
    this.#disk.submit();
    if (this.#rows.length > 0 && this.#arena.freeCount > 0) this.#time.requestTurn();
  }

  onOpened(_storage: StorageId, failure: Failure | null): void {
    stopOn(failure);
    this.#time.requestTurn();
  }

  onWritten(_storage: StorageId, slot: SlotId, failure: Failure | null): void {
    stopOn(failure);
    this.#arena.release(slot, OWNER_DISK);
  }

  onHashed(_storage: StorageId, piece: PieceIndex, matches: boolean, failure: Failure | null): void {
    stopOn(failure);
    if (!matches) throw new Error(`piece ${piece} does not match`);
    if (++this.#verified === this.#pieceCount) this.#disk.close();
  }

  onFileCompleted(_storage: StorageId, _file: number, failure: Failure | null): void {
    stopOn(failure);
  }

  onReleased(_storage: StorageId, failure: Failure | null): void {
    stopOn(failure);
  }

  onClosed(): void {
    this.#done();
  }

  onCheckProgress(): void {}
  onChecked(): void {}
  onSnapshot(): void {}
  onRead(): void {}
  onBlockDigests(): void {}

  /** False when the arena is empty. */
  #deliverRow(): boolean {
    const index = this.#nextRow++ % this.#rows.length;
    const row = this.#rows[index]!;
    for (let i = 0; i < ROW_BLOCKS && row.nextBlock < this.#blocksPerPiece; i++) {
      const slot = this.#arena.take(OWNER_PEER);
      if (slot === NO_SLOT) return false;
      this.#arena.handOver(slot, OWNER_PEER, OWNER_DISK);
      const begin = row.nextBlock++ * BLOCK_LENGTH;
      this.#disk.write(this.#storage, row.piece as PieceIndex, begin, BLOCK_LENGTH, slot);
    }
    if (row.nextBlock === this.#blocksPerPiece) {
      this.#disk.hash(this.#storage, row.piece as PieceIndex);
      if (this.#nextPiece < this.#pieceCount) this.#rows[index] = { piece: this.#nextPiece++, nextBlock: 0 };
      else this.#rows.splice(index, 1);
    }
    return true;
  }
}

/**
 * Asks for rows of blocks, each peer for the next one of its piece, with as many slots out as the arena has.
 */
class ReadLoad implements DiskHandler, TurnHandler {
  readonly #disk: WorkerDisk;
  readonly #arena: Arena;
  readonly #time: Time;
  readonly #done: () => void;
  readonly #storage = 1 as StorageId;
  readonly #rows: Row[] = [];
  readonly #pieceCount: number;
  readonly #blocksPerPiece: number;
  #left: number;
  #nextRow = 0;
  peakHeld = 0;

  constructor(disk: WorkerDisk, arena: Arena, time: Time, options: Options, done: () => void) {
    this.#disk = disk;
    this.#arena = arena;
    this.#time = time;
    this.#done = done;
    this.#pieceCount = Math.floor((options.gib * GIB) / options.pieceLength);
    this.#blocksPerPiece = options.pieceLength / BLOCK_LENGTH;
    this.#left = this.#pieceCount * this.#blocksPerPiece;
    for (let i = 0; i < options.peers; i++) this.#rows.push({ piece: this.#pieceOf(i * 7), nextBlock: 0 });
  }

  onTurn(): void {
    this.#disk.deliver();
    while (this.#arena.freeCount >= ROW_BLOCKS && this.#left > 0) this.#askRow();
    this.peakHeld = Math.max(this.peakHeld, this.#arena.countOf(OWNER_DISK));
    this.#disk.submit();
    if (this.#left === 0 && this.#arena.countOf(OWNER_DISK) === 0) {
      this.#left = -1;
      this.#disk.close();
      this.#disk.submit();
    }
  }

  onOpened(_storage: StorageId, failure: Failure | null): void {
    stopOn(failure);
    this.#time.requestTurn();
  }

  onRead(_storage: StorageId, slot: SlotId, failure: Failure | null): void {
    stopOn(failure);
    this.#arena.release(slot, OWNER_DISK);
  }

  onClosed(): void {
    this.#done();
  }

  onCheckProgress(): void {}
  onChecked(): void {}
  onSnapshot(): void {}
  onWritten(): void {}
  onHashed(): void {}
  onBlockDigests(): void {}
  onFileCompleted(): void {}
  onReleased(): void {}

  #askRow(): void {
    const row = this.#rows[this.#nextRow++ % this.#rows.length]!;
    for (let i = 0; i < ROW_BLOCKS && this.#left > 0; i++) {
      const slot = this.#arena.take(OWNER_PEER);
      if (slot === NO_SLOT) return;
      this.#arena.handOver(slot, OWNER_PEER, OWNER_DISK);
      const begin = row.nextBlock++ * BLOCK_LENGTH;
      this.#disk.read(this.#storage, row.piece as PieceIndex, begin, BLOCK_LENGTH, slot);
      this.#left--;
      if (row.nextBlock < this.#blocksPerPiece) continue;
      row.nextBlock = 0;
      row.piece = this.#pieceOf(row.piece + 5);
    }
  }

  #pieceOf(number: number): number {
    return number % this.#pieceCount;
  }
}

function stopOn(failure: Failure | null): void {
  if (failure !== null) throw new Error(`${failure.operation} ${failure.detail}: ${failure.code}`);
}

/**
 * Every slot holds zeros, so every piece has the same hash: what is measured does not depend on the bytes.
 */
function specification(options: Options): StorageSpec {
  const pieceCount = Math.floor((options.gib * GIB) / options.pieceLength);
  const digest = new NodeCrypto().sha1(new Uint8Array(options.pieceLength));
  const pieceHashes = new Uint8Array(20 * pieceCount);
  for (let piece = 0; piece < pieceCount; piece++) pieceHashes.set(digest, 20 * piece);
  return {
    directory: options.directory,
    files: [
      {
        path: 'data',
        length: pieceCount * options.pieceLength,
        isPadding: false,
        isWanted: true,
        isExecutable: false,
        symlinkTarget: null,
      },
    ],
    pieceLength: options.pieceLength,
    pieceHashes,
    partsPath: '.parts',
    partsDirectory: null,
    overwrite: false,
  };
}

async function measure(name: string, gib: number, run: () => Promise<void> | void): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await run();
  const seconds = (performance.now() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const perGib = (microseconds: number): string => (microseconds / 1e6 / gib).toFixed(2);
  const rate = ((gib * 1024) / seconds).toFixed(0);
  process.stdout.write(
    `${name.padEnd(12)} ${perGib(user + system)} CPU s/GiB (user ${perGib(user)}, ` +
      `system ${perGib(system)})  ${rate.padStart(5)} MiB/s\n`,
  );
}

function hashAlone(gib: number, arena: Arena): void {
  const crypto = new NodeCrypto();
  const digest = crypto.createSha1();
  const blocks = (gib * GIB) / BLOCK_LENGTH;
  for (let i = 0; i < blocks; i++) digest.update(arena.view((i % arena.slotCount) as SlotId));
  digest.digest();
}

function writeAlone(gib: number, arena: Arena, path: string): void {
  const handle = new NodeFileSystem().open(path, 'create');
  handle.truncate(gib * GIB);
  const views: Uint8Array[] = [];
  for (let i = 0; i < 32; i++) views.push(arena.view(i as SlotId));
  for (let at = 0; at < gib * GIB; at += 32 * BLOCK_LENGTH) handle.write(at, views);
  handle.close();
}

async function diskRound(options: Options, arena: Arena, spec: StorageSpec): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const time = new ImmediateTime();
  const onBug = (error: Error): never => {
    throw error;
  };
  const disk = new WorkerDisk({ memory: arena.memory, time, onBug });
  const load = options.isReading
    ? new ReadLoad(disk, arena, time, options, resolve)
    : new Load(disk, arena, time, options, resolve);
  time.bind(load);
  disk.bind(load);
  disk.open(1 as StorageId, spec, null);
  disk.submit();
  await promise;
  return load.peakHeld;
}

async function readRounds(options: Options, arena: Arena, spec: StorageSpec): Promise<void> {
  const { gib, rounds, directory } = options;
  writeAlone(gib, arena, join(directory, 'data'));
  for (let round = 0; round < rounds; round++) {
    let peakHeld = 0;
    await measure('disk reads', gib, async () => {
      peakHeld = await diskRound(options, arena, spec);
    });
    process.stdout.write(`most slots with the disk: ${peakHeld} of ${arena.slotCount}\n`);
  }
}

/**
 * The parts alone come before the whole in each round, so that the page cache is equally warm for all but the
 * first.
 */
async function main(): Promise<void> {
  const options = readOptions();
  const { gib, rounds, directory } = options;
  const arena = new Arena(options.arenaBytes);
  for (let i = 0; i < arena.slotCount; i++) arena.view(i as SlotId).fill(0);
  const spec = specification(options);
  try {
    if (options.isReading) return await readRounds(options, arena, spec);
    for (let round = 0; round < rounds; round++) {
      await measure('hash alone', gib, () => hashAlone(gib, arena));
      await measure('write alone', gib, () => writeAlone(gib, arena, join(directory, 'alone')));
      rmSync(join(directory, 'alone'));
      let peakHeld = 0;
      await measure('disk', gib, async () => {
        peakHeld = await diskRound(options, arena, spec);
      });
      rmSync(join(directory, 'data'));
      process.stdout.write(`most slots with the disk: ${peakHeld} of ${arena.slotCount}\n`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

await main();
