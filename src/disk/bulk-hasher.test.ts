/** Whole torrents hashed in ranges, against digests that are computed from the joined bytes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Random, SeededRandom } from '../base/random.ts';
import { NodeBulkDigests } from '../node/bulk-digests.ts';
import { FileSystemError } from '../ports/file-system.ts';
import { FileLayout } from '../protocol/metainfo/file-layout.ts';
import { treeWidth } from '../protocol/metainfo/merkle.ts';
import { MemoryFileSystem } from '../sim/memory-file-system.ts';
import { BulkHasher } from './bulk-hasher.ts';
import { createHashResults, type HashPlan, type HashResults, PIECE_HASHED, PIECE_OPEN } from './hash-plan.ts';

const BLOCK = 16_384;

interface Scene {
  readonly fileSystem: MemoryFileSystem;
  readonly plan: HashPlan;
  readonly layout: FileLayout;
  readonly results: HashResults;
  readonly hasher: BulkHasher;
  /** All bytes, padding as zeros. */
  readonly bytes: Buffer;
  readonly hashed: { count: number };
}

interface Stretch {
  readonly bytes: Buffer;
  readonly isPadding?: boolean;
}

function scene(
  stretches: readonly Stretch[],
  pieceLength: number,
  withTrees: boolean,
  isStrict = true,
): Scene {
  const fileSystem = new MemoryFileSystem();
  const paths = stretches.map(({ isPadding }, index) => (isPadding === true ? null : `/data/${index}`));
  fileSystem.makeDirectory('/data');
  for (const [index, path] of paths.entries()) {
    if (path === null) continue;
    const handle = fileSystem.open(path, 'create');
    handle.write(0, [stretches[index]!.bytes]);
    handle.close();
  }
  const plan: HashPlan = {
    pieceLength,
    paths,
    lengths: Float64Array.from(stretches, ({ bytes }) => bytes.length),
    modifiedAt: isStrict
      ? Float64Array.from(paths, (path) => (path === null ? 0 : fileSystem.status(path)!.modifiedAt))
      : null,
    withSha1: true,
    withSha256: withTrees,
  };
  const layout = new FileLayout(plan.lengths, pieceLength);
  const results = createHashResults(plan, layout.pieceCount);
  const hashed = { count: 0 };
  const onBytes = (count: number): void => {
    hashed.count += count;
  };
  const hasher = new BulkHasher({
    plan,
    layout,
    results,
    fileSystem,
    digests: new NodeBulkDigests(),
    onBytes,
  });
  const bytes = Buffer.concat(stretches.map((stretch) => stretch.bytes));
  return { fileSystem, plan, layout, results, hasher, bytes, hashed };
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

function rootOf(bytes: Uint8Array, width: number): string {
  let level: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK) {
    level.push(
      createHash('sha256')
        .update(bytes.subarray(at, at + BLOCK))
        .digest(),
    );
  }
  while (level.length < width) level.push(Buffer.alloc(32));
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      above.push(
        createHash('sha256')
          .update(level[i]!)
          .update(level[i + 1]!)
          .digest(),
      );
    }
    level = above;
  }
  return level[0]!.toString('hex');
}

function assertSha1({ bytes, layout, results }: Scene, first: number, end: number): void {
  for (let piece = first; piece < end; piece++) {
    const from = layout.pieceOffset(piece);
    const expected = sha1(bytes.subarray(from, from + layout.lengthOfPiece(piece)));
    assert.equal(
      Buffer.from(results.sha1.subarray(20 * piece, 20 * piece + 20)).toString('hex'),
      expected,
      `piece ${piece}`,
    );
    assert.equal(results.states[piece], PIECE_HASHED);
  }
}

function assertRoots({ bytes, plan, layout, results }: Scene): void {
  for (let file = 0; file < layout.fileCount; file++) {
    if (plan.paths[file] === null) continue;
    const offset = layout.fileOffset(file);
    const length = layout.fileLength(file);
    for (let at = 0; at < length; at += plan.pieceLength) {
      const part = bytes.subarray(offset + at, offset + Math.min(length, at + plan.pieceLength));
      const width =
        length <= plan.pieceLength ? treeWidth(Math.ceil(length / BLOCK)) : plan.pieceLength / BLOCK;
      const piece = (offset + at) / plan.pieceLength;
      const actual = Buffer.from(results.pieceRoots.subarray(32 * piece, 32 * piece + 32)).toString('hex');
      assert.equal(actual, rootOf(part, width), `file ${file}, piece ${piece}`);
    }
  }
}

/** Bytes of which stretches, whole blocks among them, are zeros. */
function content(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = Math.min(length - at, 1 + random.below(3 * BLOCK));
    if (random.below(2) === 0) for (let i = 0; i < count; i++) bytes[at + i] = random.below(256);
    at += count;
  }
  return bytes;
}

const LENGTHS = [0, 1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 70_000, 140_001, (1 << 20) + 5];

describe('BulkHasher', () => {
  it('hashes pieces across the borders of files, in whatever ranges', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const count = 1 + random.below(8);
      const stretches = Array.from({ length: count }, () => ({
        bytes: content(random, LENGTHS[random.below(LENGTHS.length)]!),
        isPadding: false,
      }));
      const world = scene([...stretches, { bytes: content(random, 5) }], BLOCK << random.below(4), false);
      for (let first = 0; first < world.layout.pieceCount; ) {
        const end = Math.min(world.layout.pieceCount, first + 1 + random.below(9));
        world.hasher.hash(first, end);
        first = end;
      }
      assertSha1(world, 0, world.layout.pieceCount);
      assert.equal(world.hashed.count, world.bytes.length);
    }
  });

  it('hashes trees and pieces in one pass when files start at pieces', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const pieceLength = BLOCK << random.below(5);
      const stretches: Stretch[] = [];
      for (let file = 0; file <= random.below(6); file++) {
        const bytes = content(random, LENGTHS[1 + random.below(LENGTHS.length - 1)]!);
        stretches.push({ bytes });
        const rest = bytes.length % pieceLength;
        if (rest > 0) stretches.push({ bytes: Buffer.alloc(pieceLength - rest), isPadding: true });
      }
      const world = scene(stretches, pieceLength, true);
      world.hasher.hash(0, world.layout.pieceCount);
      assertSha1(world, 0, world.layout.pieceCount);
      assertRoots(world);
    }
  });

  it('takes padding anywhere, as v1 torrents of others have it', () => {
    const padding = { bytes: Buffer.alloc(5 * BLOCK + 7), isPadding: true };
    const random = new SeededRandom(7);
    const world = scene([padding, { bytes: content(random, 100) }, padding, padding], BLOCK, false);
    world.hasher.hash(0, world.layout.pieceCount);
    assertSha1(world, 0, world.layout.pieceCount);
    assert.equal(world.hashed.count, 100);
  });

  it('gives pieces of padding alone, which a hybrid may have at its end, no root', () => {
    const padding = { bytes: Buffer.alloc(4 * BLOCK - 100), isPadding: true };
    const world = scene([{ bytes: content(new SeededRandom(8), 100) }, padding], BLOCK, true);
    world.hasher.hash(0, 4);
    assertSha1(world, 0, 4);
    assertRoots(world);
    assert.ok(world.results.pieceRoots.subarray(32).every((byte) => byte === 0));
  });

  it('refuses a file that changed, got shorter or vanished, and marks none of its pieces', () => {
    const changes: readonly ((world: Scene) => void)[] = [
      ({ fileSystem }) => {
        const handle = fileSystem.open('/data/0', 'write');
        handle.truncate(50_000);
        handle.close();
      },
      ({ fileSystem }) => fileSystem.remove('/data/0'),
    ];
    for (const change of changes) {
      const world = scene([{ bytes: content(new SeededRandom(3), 100_000) }], BLOCK, false);
      world.hasher.hash(0, 2);
      change(world);
      assert.throws(() => world.hasher.hash(2, 5), { code: 'changed', path: '/data/0' });
      assert.deepEqual([...world.results.states], [1, 1, 0, 0, 0, 0, 0]);
    }
  });

  it('does not mind changes where only the bytes count, but the end of the file', () => {
    const world = scene([{ bytes: content(new SeededRandom(3), 100_000) }], BLOCK, false, false);
    const handle = world.fileSystem.open('/data/0', 'write');
    handle.truncate(50_000);
    handle.close();
    world.hasher.hash(0, 3);
    assertSha1(world, 0, 3);
    assert.throws(() => world.hasher.hash(3, 4), { code: 'changed' });
  });

  it('closes its file and says so whatever call fails, and works afterwards', () => {
    let call = 1;
    for (; ; call++) {
      const world = scene(
        [{ bytes: content(new SeededRandom(5), 90_000) }, { bytes: content(new SeededRandom(6), 9000) }],
        BLOCK,
        false,
      );
      world.fileSystem.failCall(world.fileSystem.callCount + call, 'io-error');
      try {
        world.hasher.hash(0, world.layout.pieceCount);
        break;
      } catch (error) {
        assert.ok(
          error instanceof FileSystemError && error.code === 'io-error',
          `call ${call}: ${String(error)}`,
        );
        assert.ok(world.results.states.every((state) => state === PIECE_OPEN));
      }
      assert.equal(world.fileSystem.openCount, 0);
      world.hasher.hash(0, world.layout.pieceCount);
      assertSha1(world, 0, world.layout.pieceCount);
    }
    assert.ok(call > 6, `${call} calls`);
  });
});
