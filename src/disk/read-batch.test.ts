/** How reads of one batch become calls: which go together, and what each slot gets. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { FileHandle, FileSystem } from '../ports/file-system.ts';
import { MemoryFileSystem } from '../sim/memory-file-system.ts';
import { SimCrypto } from '../sim/sim-crypto.ts';
import { CommandBatch } from './command-batch.ts';
import { DiskCore } from './disk-core.ts';
import { COMPLETION_LENGTH, COMPLETION_READ, type Completions, NO_FAILURE } from './records.ts';

const SLOT_COUNT = 256;
const PIECE_BLOCKS = 100;
/** Two files; the border is in the middle of block 50 of piece 1. */
const LENGTHS = [150 * BLOCK_LENGTH + 5000, 50 * BLOCK_LENGTH - 5000];

/**
 * A core over two files of known bytes. Its reads are written down: `0:3+2` is a read of two views at block 3
 * of file 0.
 */
class Bench {
  readonly calls: string[] = [];
  /** The slot of each read that came back, and whether it failed. */
  readonly answers: [slot: number, failed: boolean][] = [];
  readonly slots = Array.from({ length: SLOT_COUNT }, () => new Uint8Array(BLOCK_LENGTH));
  readonly memory = new MemoryFileSystem();
  readonly core: DiskCore;
  readonly commands = new CommandBatch();
  #nextSlot = 0;

  constructor() {
    const { memory } = this;
    memory.makeDirectory('/d');
    for (const [file, length] of LENGTHS.entries()) {
      const handle = memory.open(`/d/${file}`, 'create');
      const first = file === 0 ? 0 : LENGTHS[0]!;
      handle.write(0, [Uint8Array.from({ length }, (_, at) => byteAt(first + at))]);
      handle.close();
    }
    const fileSystem: FileSystem = Object.assign(Object.create(memory) as MemoryFileSystem, {
      open: (path: string) => this.#spy(path.at(-1)!, memory.open(path, 'read')),
      status: (path: string) => memory.status(path),
      realPath: (path: string) => memory.realPath(path),
      makeDirectory: (path: string) => memory.makeDirectory(path),
      space: (path: string) => memory.space(path),
    });
    this.core = new DiskCore({ fileSystem, crypto: new SimCrypto(), slots: this.slots, receiver: this });
    const common = { isPadding: false, isWanted: true, isExecutable: false, symlinkTarget: null };
    const spec = {
      directory: '/d',
      files: LENGTHS.map((length, file) => ({ ...common, path: `${file}`, length })),
      pieceLength: PIECE_BLOCKS * BLOCK_LENGTH,
      pieceHashes: Buffer.concat([0, 1].map((piece) => digestOf(piece))),
      partsPath: '.parts',
      partsDirectory: null,
      overwrite: false,
    };
    this.commands.open(1 as never, spec, null);
    this.core.submit(this.commands.take());
    while (this.core.step());
  }

  /** Asks for blocks of `piece`, each into the next slot. */
  read(piece: number, blocks: readonly number[], length = BLOCK_LENGTH): void {
    for (const block of blocks) {
      const slot = this.#nextSlot++;
      this.slots[slot]!.fill(0);
      this.commands.read(1 as never, piece as never, block * BLOCK_LENGTH, length, slot as never);
    }
  }

  submit(): void {
    this.core.submit(this.commands.take());
  }

  onCompletions({ records }: Completions): void {
    for (let at = 0; at < records.length; at += COMPLETION_LENGTH) {
      if (records[at] === COMPLETION_READ)
        this.answers.push([records[at + 2]!, records[at + 4] !== NO_FAILURE]);
    }
  }

  /** Asserts that `slot` has `length` bytes of `block` of `piece`. */
  assertSlot(slot: number, piece: number, block: number, length = BLOCK_LENGTH): void {
    const first = (piece * PIECE_BLOCKS + block) * BLOCK_LENGTH;
    const bytes = this.slots[slot]!.subarray(0, length);
    assert.ok(
      bytes.every((byte, at) => byte === byteAt(first + at)),
      `slot ${slot} has block ${block} of piece ${piece}`,
    );
  }

  #spy(name: string, handle: FileHandle): FileHandle {
    return {
      read: (position, targets) => {
        this.calls.push(`${name}:${Math.floor(position / BLOCK_LENGTH)}+${targets.length}`);
        return handle.read(position, targets);
      },
      write: (position, sources) => handle.write(position, sources),
      truncate: (length) => handle.truncate(length),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  }
}

function digestOf(piece: number): Uint8Array {
  const first = piece * PIECE_BLOCKS * BLOCK_LENGTH;
  const bytes = Uint8Array.from({ length: PIECE_BLOCKS * BLOCK_LENGTH }, (_, at) => byteAt(first + at));
  return createHash('sha1').update(bytes).digest();
}

/** Differs from block to block, and within one. */
function byteAt(offset: number): number {
  return (offset ^ (offset >>> 8) ^ (offset >>> 14) ^ (offset >>> 18)) & 0xff;
}

test('neighbours become one call, in whatever order they were asked for', () => {
  const bench = new Bench();
  bench.read(0, [3, 1, 2, 7, 0, 8]);
  bench.submit();
  assert.deepEqual(bench.calls, ['0:0+4', '0:7+2']);
  for (const [slot, block] of [3, 1, 2, 7, 0, 8].entries()) bench.assertSlot(slot, 0, block);
  assert.deepEqual(
    bench.answers.toSorted((one, other) => one[0] - other[0]),
    [0, 1, 2, 3, 4, 5].map((slot) => [slot, false]),
  );
});

test('rows of many peers that come by turns are a call each', () => {
  const bench = new Bench();
  for (let row = 0; row < 16; row += 4) {
    for (const [piece, first] of [
      [0, 0],
      [0, 40],
      [1, 10],
    ] as const) {
      bench.read(piece, [first + row, first + row + 1, first + row + 2, first + row + 3]);
    }
  }
  bench.submit();
  assert.deepEqual(bench.calls, ['0:0+16', '0:40+16', '0:110+16']);
});

test('a run is no longer than 64 blocks', () => {
  const bench = new Bench();
  bench.read(
    0,
    Array.from({ length: 100 }, (_, block) => block),
  );
  bench.submit();
  assert.deepEqual(bench.calls, ['0:0+64', '0:64+36']);
});

test('two peers that ask for the same blocks get them both, in a run each', () => {
  const bench = new Bench();
  bench.read(0, [0, 1, 2]);
  bench.read(0, [1, 2, 3]);
  bench.submit();
  assert.deepEqual(bench.calls, ['0:0+4', '0:1+2']);
  for (const [slot, block] of [0, 1, 2, 1, 2, 3].entries()) bench.assertSlot(slot, 0, block);
});

test('a run over the border of files is one call a file', () => {
  const bench = new Bench();
  bench.read(1, [49, 50, 51]);
  bench.submit();
  assert.deepEqual(bench.calls, ['0:149+2', '1:0+2']);
  for (const [slot, block] of [49, 50, 51].entries()) bench.assertSlot(slot, 1, block);
});

test('a read of part of a block is served, and its slot keeps what is behind it', () => {
  const bench = new Bench();
  bench.read(0, [4], 100);
  bench.read(0, [5]);
  bench.submit();
  assert.deepEqual(bench.calls, ['0:4+1', '0:5+1']);
  bench.assertSlot(0, 0, 4, 100);
  assert.equal(bench.slots[0]![100], 0);
  bench.assertSlot(1, 0, 5);
});

test('where a file ends too soon, what is there is served and what is not fails', () => {
  const bench = new Bench();
  const handle = bench.memory.open('/d/0', 'write');
  handle.truncate(5 * BLOCK_LENGTH);
  handle.close();
  bench.read(0, [4, 5, 3]);
  bench.submit();
  assert.deepEqual(
    bench.answers.toSorted((one, other) => one[0] - other[0]),
    [
      [0, false],
      [1, true],
      [2, false],
    ],
  );
  bench.assertSlot(0, 0, 4);
  bench.assertSlot(2, 0, 3);
});

test('reads run before the fence that was submitted behind them, and the rest behind it', () => {
  const bench = new Bench();
  bench.read(0, [0, 1]);
  bench.commands.check(1 as never);
  bench.read(0, [2]);
  bench.submit();
  assert.deepEqual(bench.calls, ['0:0+2']);
  while (bench.core.step());
  assert.equal(bench.calls.at(-1), '0:2+1');
  assert.equal(bench.answers.length, 3);
});
