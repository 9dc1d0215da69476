/** `spate create` as people and scripts run it. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseTorrent } from '../../src/client/parse-torrent.ts';
import { poll } from '../support/processes.ts';
import { type Result, spate, start, temporaryFolder } from './run-spate.ts';

/** A folder with `album/` in it, of two files. */
async function scene(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, 'album', 'cd1'), { recursive: true });
  await writeFile(join(folder, 'album', 'cd1', 'one.flac'), Buffer.alloc(100_000, 1));
  await writeFile(join(folder, 'album', 'cover.jpg'), Buffer.alloc(5000, 2));
  return folder;
}

function assertRefused(result: Result, pattern: RegExp, code = 2): void {
  assert.match(result.stderr, pattern);
  assert.match(result.stderr, /^spate: [^\n]+\n$/, 'one line');
  assert.deepEqual([result.stdout, result.code], ['', code]);
}

test('create writes NAME.torrent here and says what is in it', async (context) => {
  const folder = await scene(context);
  const { stdout, stderr, code } = await spate(['create', 'album'], { cwd: folder });
  assert.deepEqual([stdout, code], ['', 0]);
  assert.match(
    stderr,
    /^album\.torrent: 105 kB in 2 files, 7 pieces of 16 KiB\ninfo hash v1: [0-9a-f]{40}\n$/,
  );
  const torrent = parseTorrent(await readFile(join(folder, 'album.torrent')));
  assert.ok(stderr.includes(Buffer.from(torrent.infoHashV1!).toString('hex')));
  assert.deepEqual(
    torrent.files.map(({ path }) => path),
    ['album/cd1/one.flac', 'album/cover.jpg'],
  );
  assert.deepEqual((await readdir(folder)).sort(), ['album', 'album.torrent'], 'nothing else is left behind');
});

test('every option of create ends up in the torrent', async (context) => {
  const folder = await scene(context);
  const options = [
    '--tracker',
    'http://a.example/x',
    '--tracker',
    'udp://b.example:1',
    '--web-seed',
    'http://c.example/',
  ];
  const more = [
    '--piece-length',
    '64k',
    '--private',
    '--comment',
    'a comment',
    '--source',
    'S',
    '--hybrid',
    '--no-date',
  ];
  const out = join(folder, 'x.torrent');
  const args = ['create', join(folder, 'album'), '-o', out, ...options, ...more, '--exclude', '*.jpg'];
  assert.equal((await spate(args)).code, 0);
  const { stdout } = await spate(['show', '--json', out]);
  const shown = JSON.parse(stdout);
  assert.deepEqual(
    [shown.trackers, shown.webSeeds, shown.pieceLength, shown.private, shown.comment, shown.createdAt],
    [[['http://a.example/x'], ['udp://b.example:1']], ['http://c.example/'], 65_536, true, 'a comment', null],
  );
  assert.ok(shown.infoHashV1 !== null && shown.infoHashV2 !== null);
  assert.deepEqual(
    shown.files.map((file: { path: string }) => file.path),
    ['cd1/one.flac'],
  );
  assert.match(Buffer.from(await readFile(out)).toString('latin1'), /6:source1:S/);
});

test('create gives the same bytes every time without a date, to a file as to stdout', async (context) => {
  const folder = await scene(context);
  await spate(['create', 'album', '--no-date', '-o', 'a.torrent'], { cwd: folder });
  await spate(['create', `${folder}/album/`, '--no-date', '--out', folder], { cwd: '/' });
  const piped = start(['create', 'album', '--no-date', '-o', '-'], { cwd: folder });
  piped.child.stdout!.setEncoding('latin1');
  const { stdout, stderr, code } = await piped.result;
  const first = await readFile(join(folder, 'a.torrent'));
  assert.ok(first.equals(await readFile(join(folder, 'album.torrent'))));
  assert.ok(first.equals(Buffer.from(stdout, 'latin1')));
  assert.match(stderr, /^album: 105 kB/);
  assert.equal(code, 0);
});

test('create replaces nothing, and hashes nothing for an output that cannot be', async (context) => {
  const folder = await scene(context);
  await writeFile(join(folder, 'album.torrent'), 'mine');
  assertRefused(
    await spate(['create', 'album'], { cwd: folder }),
    /album\.torrent exists already; take another name/,
  );
  assert.equal(await readFile(join(folder, 'album.torrent'), 'utf8'), 'mine');
  assertRefused(
    await spate(['create', 'album', '-o', 'no/x'], { cwd: folder }),
    /there is no folder .*no to write/,
  );
  assertRefused(
    await spate(['create', 'album', '-o', 'album.torrent/x'], { cwd: folder }),
    /there is no folder/,
  );
});

test('create may write into the folder that it describes, and leaves itself out', async (context) => {
  const folder = await scene(context);
  const { stderr, code } = await spate(['create', '.'], { cwd: join(folder, 'album') });
  assert.match(stderr, /^album\.torrent: 105 kB in 2 files.*note: the torrent lies in the folder/s);
  assert.equal(code, 0);
  const again = await spate(['create', 'album', '--exclude', '*.torrent', '-o', 'b.torrent'], {
    cwd: folder,
  });
  assert.equal(/v1: (\w+)/.exec(again.stderr)?.[1], /v1: (\w+)/.exec(stderr)?.[1]);
});

test('create warns of a v2 torrent that loses its folder', async (context) => {
  const folder = await scene(context);
  const { stderr } = await spate(['create', 'album/cd1', '--v2'], { cwd: folder });
  assert.match(stderr, /note: a v2 torrent of a folder with one file is that file alone/);
});

test('what create cannot use is named in one sentence and exit 2', async (context) => {
  const folder = await scene(context);
  await mkdir(join(folder, 'none'));
  await mkdir(join(folder, 'links'));
  await symlink('nowhere', join(folder, 'links', 'broken'));
  const cases: readonly [readonly string[], RegExp][] = [
    [[], /no path is given/],
    [['a', 'b'], /too many arguments/],
    [['missing'], /missing: there is no such file or folder/],
    [['none'], /there are no files in .*none/],
    [['links'], /broken: it is a link to something that does not exist/],
    [['album', '--exclude', '*'], /there are no files/],
    [['album', '--tracker', 'example.org'], /the tracker 'example\.org' is not an http, https or udp URL/],
    [['album', '--web-seed', 'ftp://x/'], /the web seed 'ftp:\/\/x\/' is not/],
    [['album', '--piece-length', '10000'], /--piece-length is '10000', not auto or a power of two/],
    [['album', '--v1', '--hybrid'], /--v1 and --hybrid exclude each other/],
    [['album', '--frobnicate'], /unknown option/],
  ];
  for (const [args, pattern] of cases)
    assertRefused(await spate(['create', ...args], { cwd: folder }), pattern);
  assert.deepEqual((await readdir(folder)).sort(), ['album', 'links', 'none']);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends create at once, with nothing written`, async (context) => {
    const folder = await temporaryFolder(context);
    await writeFile(join(folder, 'big'), '');
    // A hole: long enough to hash that the signal comes in between, and no space.
    await truncate(join(folder, 'big'), 64e9);
    const running = start(['create', 'big', '--piece-length', '16M'], { cwd: folder });
    await poll('open file', 15_000, async () => {
      const open = await openFilesOf(running.child.pid!);
      return open.some((path) => path.endsWith('/big')) ? true : null;
    });
    const before = performance.now();
    running.child.kill(signal);
    const result = await running.result;
    assert.deepEqual([result.code, result.stdout, result.stderr], [code, '', '']);
    assert.ok(performance.now() - before < 2000, 'at once');
    assert.deepEqual(await readdir(folder), ['big']);
  });
}

test('a reader of stdout that went away is a quiet end', async (context) => {
  const folder = await scene(context);
  const running = start(['create', 'album', '-o', '-'], { cwd: folder });
  running.child.stdout!.destroy();
  const { stderr, code } = await running.result;
  assert.doesNotMatch(stderr, /spate:/);
  assert.ok(code === 141 || code === 0, `${code}`);
});

async function openFilesOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
}
