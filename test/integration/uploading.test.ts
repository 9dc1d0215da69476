/**
 * Requests of all kinds to a seed, from a leech that a test scripts: what is served, what is rejected (BEP 6), what is met
 * with silence (BEP 3), and that no leech can take the seed's memory or another leech's share.
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { generateFile, type TorrentContent } from '../support/content.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { BITFIELD, connectLeech, HAVE, HAVE_ALL, type ScriptedLeech } from '../support/scripted-leech.ts';
import { loopbackAddresses } from '../support/silent-addresses.ts';
import { type Spate, seedingPort, startSeed } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const BLOCK = 16 * KIB;
const TIMEOUT_MS = 30_000;
const LOCAL = ['--no-trackers', '--bind', '127.0.0.1'];

interface Seeding {
  readonly content: TorrentContent;
  readonly seed: Spate;
  readonly port: number;
}

async function startSeeding(
  scope: Scope,
  options: { readonly length?: number; readonly parameters?: readonly string[] } = {},
): Promise<Seeding> {
  const content = generateFile('given.bin', options.length ?? 4 * MIB + 777, 256 * KIB);
  const { torrent, source } = await makeWorkspace(scope, content, { withData: true });
  const seed = startSeed(scope, [torrent, '-d', source, ...LOCAL, ...(options.parameters ?? [])]);
  return { content, seed, port: await seedingPort(seed, TIMEOUT_MS) };
}

/** High-water mark of the seed's memory. */
function peakMemory(seed: Spate): number {
  const status = readFileSync(`/proc/${seed.program.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * KIB;
}

/** Fails unless the leech still gets what it asks for. */
async function assertServed(leech: ScriptedLeech, piece = 0): Promise<void> {
  const before = leech.blocks.length;
  leech.request(piece, 0, BLOCK);
  await leech.until(() => leech.blocks.length > before);
  assert.deepEqual(leech.blocks.at(-1), { piece, begin: 0, length: BLOCK });
  assert.equal(leech.wrongBlocks, 0);
}

/** No piece can be asked for like this: piece, begin, length. */
function badRequests(content: TorrentContent): [number, number, number][] {
  const last = content.pieceCount - 1;
  return [
    [0, 0, 0],
    [0, 0, BLOCK + 1],
    [0, 0, 128 * KIB],
    [0, 0, 0xffff_ffff],
    [0, content.pieceLength, 1],
    [0, content.pieceLength - 1, 2],
    [0, 0xffff_ffff, BLOCK],
    [0, 0xffff_c000, BLOCK],
    [last, 0, 778],
    [content.pieceCount, 0, BLOCK],
    [0x8000_0000, 0, BLOCK],
    [0xffff_ffff, 0, 1],
  ];
}

describe('a seed', { concurrency: 4 }, () => {
  test('says what it has, unchokes who is interested, and gives every byte', async (t) => {
    const scope = new Scope(t);
    const { content, seed, port } = await startSeeding(scope);
    const [plain, fast] = [
      await connectLeech(scope, content, port),
      await connectLeech(scope, content, port, { usesFast: true }),
    ];
    for (const leech of [plain, fast]) {
      await leech.unchoked();
      assert.equal(leech.messageIds[0], leech === fast ? HAVE_ALL : BITFIELD);
      assert.equal(leech.seedHas.size, content.pieceCount);
      leech.fetch();
      await leech.until(() => leech.receivedBytes === content.totalLength);
      assert.equal(leech.wrongBlocks, 0);
      leech.close();
    }
    const isGone = () => seed.all('peer-disconnected').length === 2;
    await seed.event('peer-disconnected', TIMEOUT_MS, isGone);
    for (const { uploadedBytes } of seed.all('peer-disconnected')) {
      assert.equal(uploadedBytes, content.totalLength);
    }
  });

  test('rejects requests for what does not exist, and goes on', async (t) => {
    const scope = new Scope(t);
    const { content, port } = await startSeeding(scope);
    const leech = await connectLeech(scope, content, port, { usesFast: true });
    await leech.unchoked();
    const bad = badRequests(content);
    for (const [piece, begin, length] of bad) leech.request(piece, begin, length);
    await leech.until(() => leech.rejects.length === bad.length);
    assert.deepEqual(
      leech.rejects.map(({ piece, begin, length }) => [piece, begin, length]),
      bad,
    );
    await assertServed(leech);
    assert.equal(leech.blocks.length, 1);
  });

  test('meets such requests of a peer without the fast extension with silence', async (t) => {
    const scope = new Scope(t);
    const { content, port } = await startSeeding(scope);
    const leech = await connectLeech(scope, content, port);
    await leech.unchoked();
    for (const [piece, begin, length] of badRequests(content)) leech.request(piece, begin, length);
    await assertServed(leech);
    assert.equal(leech.blocks.length, 1);
    assert.deepEqual(leech.rejects, []);
  });

  test('gives nothing while it chokes: rejects with the fast extension, silence without', async (t) => {
    const scope = new Scope(t);
    const { content, port } = await startSeeding(scope);
    const fast = await connectLeech(scope, content, port, { usesFast: true });
    const plain = await connectLeech(scope, content, port);
    for (const leech of [fast, plain]) leech.request(2, 0, BLOCK);
    await fast.until(() => fast.rejects.length === 1);
    for (const leech of [fast, plain]) {
      await leech.unchoked();
      await assertServed(leech, 3);
      assert.equal(leech.blocks.length, 1);
    }
    assert.deepEqual(fast.rejects, [{ piece: 2, begin: 0, length: BLOCK }]);
    assert.deepEqual(plain.rejects, []);
  });

  test('neither announces nor gives a piece that it has not', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('holes.bin', 4 * MIB, 256 * KIB);
    const { torrent, source } = await makeWorkspace(scope, content, { withData: true });
    const file = openSync(join(source, 'holes.bin'), 'r+');
    writeSync(file, Buffer.from('not this'), 0, 8, 5 * content.pieceLength + 100);
    closeSync(file);
    const seed = startSeed(scope, [torrent, '-d', source, ...LOCAL]);
    await seed.event('checked', TIMEOUT_MS);
    const { port } = await seed.event('listening', TIMEOUT_MS);
    const leech = await connectLeech(scope, content, port, { usesFast: true });
    await leech.unchoked();
    assert.equal(leech.seedHas.size, content.pieceCount - 1);
    assert.ok(!leech.seedHas.has(5));
    leech.request(5, 0, BLOCK);
    await leech.until(() => leech.rejects.length === 1);
    await assertServed(leech, 6);
    assert.equal(leech.blocks.length, 1);
  });

  test('takes a bitfield that comes instead of many haves, and lets go who has it all', async (t) => {
    const scope = new Scope(t);
    const { content, seed, port } = await startSeeding(scope);
    const leech = await connectLeech(scope, content, port);
    await leech.unchoked();
    leech.send(HAVE, Buffer.from([0, 0, 0, 3]));
    leech.send(BITFIELD, Buffer.from([0xff, 0x00, 0x00]));
    await assertServed(leech, 9);
    leech.send(BITFIELD, Buffer.from([0xff, 0xff, 0x80]));
    const { reason } = await seed.event('peer-disconnected', TIMEOUT_MS);
    assert.equal(reason, 'both-complete');
  });

  test('does not send what was cancelled in time', async (t) => {
    const scope = new Scope(t);
    const { content, port } = await startSeeding(scope, { parameters: ['--max-up', '256Ki'] });
    const count = 24;
    for (const usesFast of [true, false]) {
      const leech = await connectLeech(scope, content, port, { usesFast });
      await leech.unchoked();
      for (let piece = 0; piece < 2; piece++) {
        for (let i = 0; i < count / 2; i++) leech.request(piece, i * BLOCK, BLOCK);
      }
      for (let i = 2; i < count / 2; i++) leech.cancel(1, i * BLOCK, BLOCK);
      // Two of piece 1 stay asked for, behind those of piece 0.
      await leech.until(() => leech.blocks.length === count / 2 + 2);
      await assertServed(leech, 2);
      assert.equal(leech.blocks.length, count / 2 + 3);
      assert.equal(leech.rejects.length, usesFast ? count / 2 - 2 : 0);
      leech.close();
    }
  });

  test('lets nobody queue without end, and rejects what is too much', async (t) => {
    const scope = new Scope(t);
    const { content, seed, port } = await startSeeding(scope, { parameters: ['--max-up', '2Mi'] });
    const leech = await connectLeech(scope, content, port, { usesFast: true });
    await leech.unchoked();
    const before = peakMemory(seed);
    leech.flood({ piece: 1, begin: 0, length: BLOCK }, 50_000);
    await leech.until(() => leech.rejects.length > 45_000);
    assert.ok(peakMemory(seed) - before < 96 * MIB, `${peakMemory(seed) - before} bytes more`);
    assert.ok(!leech.isClosed);
    leech.close();
    const next = await connectLeech(scope, content, port);
    await next.unchoked();
    await assertServed(next);
  });

  test('ends a peer that floods it with requests while choked', async (t) => {
    const scope = new Scope(t);
    const { content, seed, port } = await startSeeding(scope);
    const leech = await connectLeech(scope, content, port, { usesFast: true });
    leech.flood({ piece: 1, begin: 0, length: BLOCK }, 50_000);
    const { reason } = await seed.event('peer-disconnected', TIMEOUT_MS);
    assert.equal(reason, 'flood');
  });

  test('survives a leech that asks for single bytes by the million and reads none', async (t) => {
    const scope = new Scope(t);
    const { content, seed, port } = await startSeeding(scope);
    const leech = await connectLeech(scope, content, port, { address: '127.0.0.9' });
    await leech.unchoked();
    leech.setReading(false);
    for (let i = 0; i < 40; i++) leech.flood({ piece: 1, begin: i, length: 1 }, 50_000);
    const other = await connectLeech(scope, content, port);
    await other.unchoked();
    other.fetch({ forever: true });
    await other.until(() => other.receivedBytes > 256 * MIB);
    assert.ok(peakMemory(seed) < 400 * MIB, `${peakMemory(seed)} bytes`);
    assert.deepEqual(seed.all('error'), []);
  });
});

test('leeches that do not read hold few slots and slow nobody', async (t) => {
  const scope = new Scope(t);
  const { content, seed, port } = await startSeeding(scope, { length: 32 * MIB });
  const timed = async (): Promise<number> => {
    const leech = await connectLeech(scope, content, port);
    await leech.unchoked();
    const startedAt = performance.now();
    leech.fetch();
    await leech.until(() => leech.receivedBytes === content.totalLength);
    leech.close();
    assert.equal(leech.wrongBlocks, 0);
    return performance.now() - startedAt;
  };
  const alone = await timed();
  const deaf: ScriptedLeech[] = [];
  for (const address of loopbackAddresses(96, 40)) {
    const leech = await connectLeech(scope, content, port, { address });
    deaf.push(leech);
  }
  // Fast first, so that the seed expects much of them; then they stop reading with a thousand requests waiting.
  const goDeaf = async (leech: ScriptedLeech): Promise<void> => {
    await leech.unchoked(TIMEOUT_MS);
    leech.fetch({ depth: 900, forever: true });
    await leech.until(() => leech.blocks.length > 200, TIMEOUT_MS);
    leech.setReading(false);
  };
  await Promise.all(deaf.map(goDeaf));
  await poll('silence', TIMEOUT_MS, () => {
    const [before, after] = seed.all('progress').slice(-2);
    return after !== undefined && before?.uploadedBytes === after.uploadedBytes ? true : null;
  });
  const among = await timed();
  assert.ok(among < 3 * alone + 500, `${among} ms among them, ${alone} ms alone`);
  assert.ok(peakMemory(seed) < 400 * MIB, `${peakMemory(seed)} bytes`);
});
