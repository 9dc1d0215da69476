/**
 * Torrents that `spate create` makes beside those of libtorrent for the same files, and in the hands of Transmission and
 * aria2.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTorrent, type TorrentFormat } from '../../src/client/create-torrent.ts';
import { readBencode } from '../../src/protocol/bencode/read-bencode.ts';
import { commandOf, needs } from '../support/peers.ts';
import { runProgram, startProgram } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';

const CREATOR = fileURLToPath(new URL('../support/libtorrent_create.py', import.meta.url));
const LIMITS = { maxBytes: 1 << 24, maxDepth: 100, maxItems: 1 << 20 };
const FORMATS = ['v1', 'v2', 'hybrid'] as const;
const KIB = 1024;

interface Job {
  readonly path: string;
  readonly format: TorrentFormat;
  readonly pieceLength: number;
  readonly private: boolean;
  readonly source: string | null;
}

/** Paths, joined with `/` and relative to the torrent, and lengths. A path with `!` at its end is executable. */
type Tree = Readonly<Record<string, number>>;

const TREES: Readonly<Record<string, Tree>> = {
  'odd sizes': { one: 1, 'two.bin': 100_003, three: 16_383, four: 16_385, five: 262_145, six: 32_768 },
  'empty files': { a: 0, b: 70_000, 'c/d': 0, 'c/e': 5, z: 0 },
  'names out of order': {
    'a/b/c': 40_000,
    'a-': 17_000,
    'a.txt': 20_000,
    'B/e': 1,
    é: 300,
    '😀': 9,
    '\uff5a': 8,
    '.h': 7,
  },
  'deep folders': { 'a/b/c/d/e/f': 50_000, 'a/b/c/d/g': 3, 'a/h': 99_999 },
  'equal files': { a: 100_000, b: 100_000, 'c/a': 100_000 },
  'executable files': { 'run!': 40_000, 'lib/tool!': 10, data: 16_384 },
  'one file in a folder': { only: 20_000 },
  'one file and nothing': { only: 20_000, empty: 0 },
  'whole pieces': { a: 65_536, b: 131_072 },
};

/** Bytes that depend on the length only, with a stretch of zeros. */
function content(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = i % 50_000 < 40_000 ? (i * 31) ^ (i >> 7) : 0;
  return bytes;
}

function put(root: string, tree: Tree): string {
  for (const [name, length] of Object.entries(tree)) {
    const path = join(root, name.replace(/!$/, ''));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content(length));
    if (name.endsWith('!')) chmodSync(path, 0o755);
  }
  return root;
}

/** Asserts that the info dictionaries and piece layers of all jobs are byte for byte those of libtorrent. */
async function assertIdentical(scope: Scope, jobs: readonly Job[]): Promise<void> {
  const program = startProgram(scope, commandOf('libtorrent'), [CREATOR], { hasInput: true });
  const waiting: ((line: string) => void)[] = [];
  program.onLine((line) => waiting.shift()?.(line));
  for (const job of jobs) {
    const answer = new Promise<string>((resolve) => waiting.push(resolve));
    program.writeLine(JSON.stringify(job));
    const theirs = JSON.parse(await program.whileRunning(answer, 20_000, 'torrent'));
    const { metainfo } = await createTorrent({
      path: job.path,
      format: job.format,
      pieceLength: job.pieceLength,
      isPrivate: job.private,
      source: job.source ?? undefined,
    });
    const ours = readBencode(metainfo, LIMITS);
    const hex = (key: string): string | null => {
      const node = ours.get(key);
      return node === null ? null : Buffer.from(node.encoded).toString('hex');
    };
    const what = `${job.path} as ${job.format} in pieces of ${job.pieceLength}`;
    assert.equal(hex('info'), theirs.info, what);
    assert.equal(hex('piece layers'), theirs.layers, what);
  }
}

describe('created torrents', () => {
  test(
    'are those of libtorrent, byte for byte, for trees and files of all kinds',
    needs('libtorrent'),
    async (t) => {
      const scope = new Scope(t);
      const folder = await scope.directory();
      const jobs: Job[] = [];
      for (const [name, tree] of Object.entries(TREES)) {
        const path = put(join(folder, name), tree);
        for (const format of FORMATS) {
          for (const pieceLength of [16 * KIB, 64 * KIB]) {
            jobs.push({ path, format, pieceLength, private: false, source: null });
          }
        }
      }
      for (const [index, length] of [1, 16_384, 16_385, 300_001].entries()) {
        const path = join(folder, `single-${index}.bin`);
        writeFileSync(path, content(length));
        if (index === 3) chmodSync(path, 0o755);
        for (const format of FORMATS)
          jobs.push({ path, format, pieceLength: 32 * KIB, private: false, source: null });
      }
      await assertIdentical(scope, jobs);
    },
  );

  test(
    'are those of libtorrent with other piece lengths, private, with a source, and through links',
    needs('libtorrent'),
    async (t) => {
      const scope = new Scope(t);
      const path = put(join(await scope.directory(), 'torrent'), {
        'a/x': 3_000_001,
        b: 700_000,
        c: 2_097_152,
      });
      symlinkSync('../b', join(path, 'a', 'link'));
      symlinkSync('a', join(path, 'linked'));
      const jobs: Job[] = [];
      for (const format of FORMATS) {
        for (const pieceLength of [16 * KIB, 256 * KIB, 1024 * KIB, 2048 * KIB, 4096 * KIB]) {
          jobs.push({ path, format, pieceLength, private: false, source: null });
        }
        jobs.push({ path, format, pieceLength: 64 * KIB, private: true, source: null });
        jobs.push({ path, format, pieceLength: 64 * KIB, private: true, source: 'SITE' });
      }
      await assertIdentical(scope, jobs);
    },
  );

  for (const format of ['v1', 'hybrid'] as const) {
    test(
      `of ${format} are read by transmission-show with our info hash`,
      needs('transmissionTools'),
      async (t) => {
        const scope = new Scope(t);
        const { torrent, infoHash } = await makeTorrent(scope, format);
        if (format === 'hybrid' && (await versionOf(scope, 'transmissionTools')) < 4) {
          t.skip('Transmission before 4.0 reads no hybrid of anybody (the empty keys of BEP 52)');
          return;
        }
        const text = await runProgram(scope, commandOf('transmissionTools'), [torrent]);
        assert.match(text, new RegExp(`Hash(?: v1)?: ${infoHash}`));
        assert.match(text, /odd sizes\/two\.bin/);
        assert.match(text, /http:\/\/tracker\.example\/announce/);
      },
    );

    test(`of ${format} are read by aria2 with our info hash`, needs('aria2'), async (t) => {
      const scope = new Scope(t);
      const { torrent, infoHash } = await makeTorrent(scope, format);
      if (format === 'hybrid' && (await versionOf(scope, 'aria2')) < 1.37) {
        t.skip('aria2 before 1.37 takes the wrong info hash of every hybrid (the empty keys of BEP 52)');
        return;
      }
      const text = await runProgram(scope, commandOf('aria2'), ['-S', torrent]);
      assert.match(text, new RegExp(`Info Hash: ${infoHash}`));
      assert.match(text, /odd sizes\/two\.bin/);
      assert.match(text, /http:\/\/tracker\.example\/announce/);
    });
  }
});

async function makeTorrent(
  scope: Scope,
  format: TorrentFormat,
): Promise<{ torrent: string; infoHash: string }> {
  const folder = await scope.directory();
  const path = put(join(folder, 'odd sizes'), TREES['odd sizes']!);
  const created = await createTorrent({
    path,
    format,
    trackers: ['http://tracker.example/announce', 'udp://other.example:6969'],
    webSeeds: ['http://seed.example/files/'],
    comment: 'a comment',
  });
  const torrent = join(folder, 'x.torrent');
  writeFileSync(torrent, created.metainfo);
  return { torrent, infoHash: created.infoHashV1! };
}

/** The first two numbers of a program's version. Some print it on stderr. */
async function versionOf(scope: Scope, program: 'aria2' | 'transmissionTools'): Promise<number> {
  const running = startProgram(scope, commandOf(program), ['--version']);
  await running.exited;
  return Number(/\b(\d+\.\d+)/.exec(running.stdout + running.stderr)?.[1]);
}
