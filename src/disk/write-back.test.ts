/** How blocks become calls: what is written together, what is held back, what is read again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { FileHandle, FileSystem } from '../ports/file-system.ts';
import { MemoryFileSystem } from '../sim/memory-file-system.ts';
import { SimCrypto } from '../sim/sim-crypto.ts';
import { CommandBatch } from './command-batch.ts';
import { DiskCore } from './disk-core.ts';
import { COMPLETION_HASHED, COMPLETION_LENGTH, COMPLETION_WRITTEN } from './records.ts';

const SLOT_COUNT = 256;

/** A core whose reads and writes are written down as block ranges: `w0-15` is one call for sixteen blocks. */
class Bench {
  readonly calls: string[] = [];
  readonly slots = Array.from({ length: SLOT_COUNT }, () => new Uint8Array(BLOCK_LENGTH));
  readonly free = Array.from({ length: SLOT_COUNT }, (_, slot) => slot);
  readonly matches: boolean[] = [];
  readonly core: DiskCore;
  readonly #commands = new CommandBatch();
  readonly #blockCount: number;

  constructor(blockCount: number, blocksPerPiece: number) {
    this.#blockCount = blockCount;
    const memory = new MemoryFileSystem();
    memory.makeDirectory('/d');
    const fileSystem: FileSystem = Object.assign(Object.create(memory) as MemoryFileSystem, {
      open: (path: string, mode: 'read' | 'write' | 'create') => this.#spy(memory.open(path, mode)),
      status: (path: string) => memory.status(path),
      realPath: (path: string) => memory.realPath(path),
      makeDirectory: (path: string) => memory.makeDirectory(path),
      rename: (from: string, to: string) => memory.rename(from, to),
      space: (path: string) => memory.space(path),
    });
    const crypto: Crypto = new SimCrypto();
    this.core = new DiskCore({ fileSystem, crypto, slots: this.slots, receiver: this });
    const pieceHashes = new Uint8Array((20 * blockCount) / blocksPerPiece);
    for (let piece = 0; piece < blockCount / blocksPerPiece; piece++) {
      const hash = createHash('sha1');
      for (let i = 0; i < blocksPerPiece; i++) hash.update(content(piece * blocksPerPiece + i));
      pieceHashes.set(hash.digest(), 20 * piece);
    }
    const file = { path: 'f', length: blockCount * BLOCK_LENGTH, isPadding: false, isWanted: true };
    const spec = {
      directory: '/d',
      files: [{ ...file, isExecutable: false, symlinkTarget: null }],
      pieceLength: blocksPerPiece * BLOCK_LENGTH,
      pieceHashes,
      partsPath: '.parts',
      partsDirectory: null,
      overwrite: false,
    };
    this.#commands.open(1 as never, spec, null);
    this.submit();
    while (this.core.step());
  }

  /** Writes blocks of a torrent counted through; `blocksPerPiece` of them are a piece. */
  write(blocks: readonly number[], blocksPerPiece: number): void {
    for (const block of blocks) {
      assert.ok(block < this.#blockCount);
      const slot = this.free.pop()!;
      this.slots[slot]!.set(content(block));
      const piece = Math.floor(block / blocksPerPiece);
      const begin = (block % blocksPerPiece) * BLOCK_LENGTH;
      this.#commands.write(1 as never, piece as never, begin, BLOCK_LENGTH, slot as never);
    }
    this.submit();
  }

  hash(piece: number): void {
    this.#commands.hash(1 as never, piece as never);
    this.submit();
  }

  submit(): void {
    this.core.submit(this.#commands.take());
  }

  onCompletions({ records }: { records: Int32Array }): void {
    for (let at = 0; at < records.length; at += COMPLETION_LENGTH) {
      if (records[at] === COMPLETION_WRITTEN) this.free.push(records[at + 2]!);
      if (records[at] === COMPLETION_HASHED) this.matches.push(records[at + 3] === 1);
    }
  }

  #spy(handle: FileHandle): FileHandle {
    return {
      read: (position, targets) => {
        this.#note('r', position, targets);
        return handle.read(position, targets);
      },
      write: (position, sources) => {
        this.#note('w', position, sources);
        handle.write(position, sources);
      },
      truncate: (length) => handle.truncate(length),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  }

  #note(what: string, position: number, views: readonly Uint8Array[]): void {
    const length = views.reduce((sum, view) => sum + view.length, 0);
    this.calls.push(`${what}${position / BLOCK_LENGTH}-${(position + length) / BLOCK_LENGTH - 1}`);
  }
}

function content(block: number): Uint8Array {
  return new Uint8Array(BLOCK_LENGTH).fill(block * 37 + 1);
}

function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i);
}

test('a piece that arrives in order is one write, and nothing is read', () => {
  const bench = new Bench(32, 16);
  for (const block of range(0, 15)) bench.write([block], 16);
  assert.deepEqual(bench.calls, []);
  assert.equal(bench.core.heldBlocks, 15);
  bench.write([15], 16);
  assert.equal(bench.core.heldBlocks, 0);
  bench.hash(0);
  assert.deepEqual(bench.calls, ['w0-15']);
  assert.deepEqual(bench.matches, [true]);
  assert.equal(bench.free.length, SLOT_COUNT);
});

test('a piece that arrives backwards is one write, and nothing is read', () => {
  const bench = new Bench(32, 16);
  bench.write(range(0, 16).reverse(), 16);
  bench.hash(0);
  assert.deepEqual(bench.calls, ['w0-15']);
  assert.deepEqual(bench.matches, [true]);
});

test('a long piece goes in runs of 32 as it is hashed', () => {
  const bench = new Bench(128, 128);
  bench.write(range(0, 20), 128);
  assert.deepEqual(bench.calls, []);
  bench.write(range(20, 70), 128);
  assert.deepEqual(bench.calls, ['w0-31', 'w32-63']);
  bench.write(range(70, 128), 128);
  bench.hash(0);
  assert.deepEqual(bench.calls, ['w0-31', 'w32-63', 'w64-95', 'w96-127']);
  assert.deepEqual(bench.matches, [true]);
});

test('beyond the budget the piece that waited longest is written, and read back to be hashed', () => {
  const bench = new Bench(256, 128);
  // A quarter of the slots may be held back: 64.
  bench.write(range(100, 120), 128);
  bench.write(range(200, 245), 128);
  assert.deepEqual(bench.calls, ['w100-119']);
  assert.equal(bench.core.heldBlocks, 45);
  bench.write(range(0, 100), 128);
  assert.deepEqual(
    bench.calls.slice(1).filter((call) => call.startsWith('r')),
    ['r100-119'],
  );
  bench.write(range(120, 128), 128);
  bench.hash(0);
  assert.deepEqual(bench.matches, [true]);
  assert.ok(bench.core.heldBlocks <= 64);
});

test('held blocks are written when asked to, gaps and all', () => {
  const bench = new Bench(32, 16);
  bench.write([0, 1, 2, 5, 9, 10], 16);
  bench.core.flushHeld();
  assert.deepEqual(bench.calls, ['w0-2', 'w5-5', 'w9-10']);
  assert.equal(bench.free.length, SLOT_COUNT);
  bench.write([3, 4, 6, 7, 8, 11, 12, 13, 14, 15], 16);
  bench.hash(0);
  assert.deepEqual(bench.matches, [true]);
  assert.deepEqual(bench.calls.slice(3), ['r5-5', 'r9-10', 'w3-4', 'w6-8', 'w11-15']);
});

test('a call takes at most a mebibyte', () => {
  const bench = new Bench(128, 128);
  bench.write(range(1, 65), 128);
  bench.core.flushHeld();
  bench.write([0], 128);
  bench.core.flushHeld();
  assert.deepEqual(bench.calls, ['w1-64', 'r1-64', 'w0-0']);
});
