/** The library's createTorrent on real files. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type CreateTorrentOptions, createTorrent } from '../../src/client/create-torrent.ts';
import { parseTorrent } from '../../src/client/parse-torrent.ts';

const MIB = 1 << 20;

describe('createTorrent', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spate-create-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function put(path: string, bytes: Uint8Array): string {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    return join(folder, path);
  }

  it('hashes what lies on disk, with several threads as with one', async () => {
    const bytes = Buffer.alloc(70 * MIB + 12_345);
    for (let i = 0; i < bytes.length; i += 997) bytes[i] = i;
    const path = put('a.bin', bytes);
    const shared = { path, createdAt: null, pieceLength: 65_536, format: 'hybrid' } as const;
    const seen: number[] = [];
    const one = await createTorrent({
      ...shared,
      workerCount: 1,
      onProgress: (p) => seen.push(p.hashedBytes),
    });
    const three = await createTorrent({ ...shared, workerCount: 3 });
    assert.deepEqual(Buffer.from(one.metainfo), Buffer.from(three.metainfo));
    const { pieceHashes } = parseTorrent(one.metainfo);
    for (const piece of [0, 1, 500, one.pieceCount - 1]) {
      const part = bytes.subarray(piece * 65_536, (piece + 1) * 65_536);
      assert.equal(
        Buffer.from(pieceHashes.subarray(20 * piece, 20 * piece + 20)).toString('hex'),
        createHash('sha1').update(part).digest('hex'),
      );
    }
    assert.equal(seen.at(-1), bytes.length);
    assert.ok(seen.length > 4 && seen.every((count, i) => i === 0 || count >= seen[i - 1]!));
  });

  it('makes a v1 torrent of 1000 to 2000 pieces with a date unless told otherwise', async () => {
    const path = put('d/a', Buffer.alloc(40 * MIB, 1));
    put('d/b', Buffer.alloc(100));
    const before = Math.floor(Date.now() / 1000);
    const created = await createTorrent({ path: dirname(path) });
    const parsed = parseTorrent(created.metainfo);
    assert.deepEqual([created.infoHashV2, created.pieceLength, created.pieceCount], [null, 32_768, 1281]);
    assert.ok(parsed.createdAt !== null && parsed.createdAt >= before);
    assert.match(parsed.createdBy ?? '', /^spate\//);
    const again = await createTorrent({ path: dirname(path), createdAt: null });
    assert.equal(parseTorrent(again.metainfo).createdAt, null);
    assert.equal(again.infoHashV1, created.infoHashV1);
  });

  it('says what is wrong with its options in one sentence', async () => {
    const path = put('a', Buffer.from('x'));
    const cases: readonly [Partial<CreateTorrentOptions>, RegExp][] = [
      [{ path: 'a' }, /option path is "a", not an absolute path/],
      [{ pieceLength: 1000 }, /piece length is 1000, not a power of two/],
      [{ pieceLength: 2 ** 29 }, /not a power of two from 16 KiB to 256 MiB/],
      [
        { trackers: ['http://ok.example/', 'ftp://x/'] },
        /the tracker 'ftp:\/\/x\/' is not an http, https or udp/,
      ],
      [{ webSeeds: ['udp://x:1'] }, /the web seed 'udp:\/\/x:1' is not an http or https/],
      [{ format: 'v3' as never }, /option format is v3/],
      [{ comment: 'x'.repeat(20_000) }, /option comment is longer/],
      [{ path: join(folder, 'nope') }, /there is no such file or folder/],
    ];
    for (const [options, message] of cases) {
      await assert.rejects(createTorrent({ path, ...options }), { name: 'InputError', message });
    }
  });

  it('refuses to make a torrent of nothing', async () => {
    mkdirSync(join(folder, 'none'));
    await assert.rejects(createTorrent({ path: join(folder, 'none') }), /there are no files in/);
    const empty = put('d/e', Buffer.alloc(0));
    await assert.rejects(createTorrent({ path: empty }), /is empty; a torrent needs at least one byte/);
    await assert.rejects(createTorrent({ path: dirname(empty) }), /all files in .* are empty/);
  });

  it('notices a file that changes while it is hashed', async () => {
    const path = put('a', Buffer.alloc(64 * MIB, 3));
    for (const change of [() => appendFileSync(path, 'x'), () => truncateSync(path, 5), () => rmSync(path)]) {
      let isChanged = false;
      const onProgress = (): void => {
        if (!isChanged) change();
        isChanged = true;
      };
      await assert.rejects(createTorrent({ path, workerCount: 1, onProgress }), {
        name: 'ClientError',
        code: 'changed',
        message: /a: it changed while it was read/,
      });
      put('a', Buffer.alloc(64 * MIB, 3));
    }
  });

  it('ends at once when it is told to', async () => {
    const path = put('a', Buffer.alloc(64 * MIB, 3));
    const abort = new AbortController();
    const result = createTorrent({
      path,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await assert.rejects(result, /enough/);
    await assert.rejects(createTorrent({ path, signal: abort.signal }), /enough/);
  });
});
