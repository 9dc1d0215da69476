/** `spate check` as people and scripts run it. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { spate, temporaryFolder } from './run-spate.ts';

/** A folder with `album/` and `album.torrent`. */
async function scene(context: TestContext, format = '--v1'): Promise<string> {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, 'album'));
  await writeFile(join(folder, 'album', 'one'), Buffer.alloc(100_000, 1));
  await writeFile(join(folder, 'album', 'two'), Buffer.alloc(65_536, 2));
  const { code } = await spate(['create', 'album', format, '--piece-length', '16k'], { cwd: folder });
  assert.equal(code, 0);
  return folder;
}

for (const format of ['--v1', '--v2', '--hybrid']) {
  test(`check tells complete from damaged data of a torrent made with ${format}`, async (context) => {
    const folder = await scene(context, format);
    const good = await spate(['check', 'album.torrent'], { cwd: folder });
    assert.match(good.stdout, /^complete: 166 kB in 2 files, 11 pieces verified\n$/);
    assert.deepEqual([good.stderr, good.code], ['', 0]);
    const path = join(folder, 'album', 'one');
    const bytes = await readFile(path);
    bytes[20_000] = 9;
    await writeFile(path, bytes);
    const bad = await spate(['check', join(folder, 'album.torrent'), '--dir', folder], { cwd: '/' });
    assert.match(
      bad.stdout,
      /^bad +album\/one: 1 of 7 pieces do not match \(1\)\nnot complete: .*1 file bad, 1 piece bad\n$/,
    );
    assert.deepEqual([bad.stderr, bad.code], ['', 1]);
  });
}

test('check --json is one object that names files and pieces', async (context) => {
  const folder = await scene(context, '--v2');
  await rm(join(folder, 'album', 'two'));
  await rename(join(folder, 'album', 'one'), join(folder, 'album', 'one.part'));
  const { stdout, stderr, code } = await spate(['check', 'album.torrent', '--json'], { cwd: folder });
  assert.deepEqual([stderr, code, stdout.trimEnd().split('\n').length], ['', 1, 1]);
  const report = JSON.parse(stdout);
  assert.deepEqual(
    [report.complete, report.infoHashV1, report.pieceCount, report.verifiedPieces, report.verifiedBytes],
    [false, null, 11, 7, 100_000],
  );
  assert.deepEqual([report.badPieces, report.missingPieces], [[], [[7, 10]]]);
  assert.deepEqual(
    report.files.map((file: Record<string, unknown>) => [file['path'], file['state'], file['storedLength']]),
    [
      ['album/one', 'incomplete', 100_000],
      ['album/two', 'missing', null],
    ],
  );
});

test('check reads a torrent from stdin, and a folder without any of it is incomplete', async (context) => {
  const folder = await scene(context);
  const stdin = await readFile(join(folder, 'album.torrent'));
  const { stdout, code } = await spate(['check', '-', '-d', join(folder, 'album')], { stdin });
  assert.match(
    stdout,
    /missing +album\/one: there is no such file\nmissing +album\/two.*\nnot complete: 0% of 166 kB/,
  );
  assert.equal(code, 1);
});

test('bad input of check is one sentence and exit 2', async (context) => {
  const folder = await scene(context);
  await writeFile(join(folder, 'text.torrent'), 'hello');
  const cases: readonly [readonly string[], RegExp][] = [
    [[], /no torrent is given/],
    [['missing.torrent'], /missing\.torrent: there is no such file/],
    [['text.torrent'], /text\.torrent is not a valid \.torrent file/],
    [['album.torrent', '--dir', 'nope'], /there is no folder .*nope/],
    [['album.torrent', '--dir', 'album.torrent'], /album\.torrent is not a folder/],
    [['album.torrent', '--dir', ''], /--dir is empty/],
    [['album.torrent', '--frobnicate'], /unknown option/],
  ];
  for (const [args, pattern] of cases) {
    const { stdout, stderr, code } = await spate(['check', ...args], { cwd: folder });
    assert.match(stderr, pattern);
    assert.match(stderr, /^spate: [^\n]+\n$/);
    assert.deepEqual([stdout, code], ['', 2]);
  }
});

for (const command of ['create', 'check']) {
  test(`the help of ${command} fits a screen of 80 columns and 24 lines`, async () => {
    const { stdout, code } = await spate([command, '--help']);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.length <= 23 && lines.every((line) => line.length <= 80), stdout);
    assert.equal(code, 0);
  });
}
