import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { listFiles } from './list-files.ts';

describe('listFiles', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spate-list-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function put(...paths: string[]): string {
    for (const path of paths) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), path);
    }
    return join(folder, paths[0]!.split('/')[0]!);
  }

  async function paths(root: string, ...exclude: string[]): Promise<string[]> {
    const { files } = await listFiles(root, exclude, undefined);
    return files.map(({ parts }) => parts.join('/')).sort();
  }

  it('lists a file alone under its name', async () => {
    const root = put('one.bin');
    const { name, isSingleFile, files } = await listFiles(`${root}/.`.slice(0, -2), [], undefined);
    assert.deepEqual([name, isSingleFile, files.length], ['one.bin', true, 1]);
    assert.deepEqual([files[0]!.parts, files[0]!.length, files[0]!.path], [['one.bin'], 7, root]);
  });

  it('lists everything below a folder, hidden and empty files too, and no empty folders', async () => {
    const root = put('d/a', 'd/.h', 'd/b/c/e', 'd/b/é 😀');
    mkdirSync(join(root, 'empty'));
    writeFileSync(join(root, 'zero'), '');
    assert.deepEqual(await paths(root), ['.h', 'a', 'b/c/e', 'b/é 😀', 'zero']);
  });

  it('knows what is executable', async () => {
    const root = put('d/a', 'd/run');
    chmodSync(join(root, 'run'), 0o755);
    const { files } = await listFiles(root, [], undefined);
    assert.deepEqual(files.map(({ parts, isExecutable }) => [parts[0], isExecutable]).sort(), [
      ['a', false],
      ['run', true],
    ]);
  });

  it('leaves out names at any depth by a glob, and paths by one with a slash', async () => {
    const root = put('d/a.txt', 'd/b/a.txt', 'd/b/c.nfo', 'd/.git/x', 'd/e/f/g', 'd/[x]');
    assert.deepEqual(await paths(root, '*.txt', '.git'), ['[x]', 'b/c.nfo', 'e/f/g']);
    assert.deepEqual(await paths(root, 'b/*.txt', './e/'), ['.git/x', '[x]', 'a.txt', 'b/c.nfo']);
    assert.deepEqual(await paths(root, 'b/', '/e/**', '[x]', '.*'), ['a.txt']);
  });

  it('follows links to files and folders, and refuses those that lead nowhere or in a circle', async () => {
    const root = put('d/a', 'other/x');
    symlinkSync('../other', join(root, 'folder'));
    symlinkSync('a', join(root, 'file'));
    assert.deepEqual(await paths(root), ['a', 'file', 'folder/x']);
    symlinkSync('nowhere', join(root, 'broken'));
    await assert.rejects(listFiles(root, [], undefined), {
      name: 'InputError',
      message: /broken: it is a link to something that does not exist/,
    });
    assert.deepEqual(await paths(root, 'broken'), ['a', 'file', 'folder/x']);
    symlinkSync('..', join(folder, 'other', 'up'));
    await assert.rejects(listFiles(root, ['broken'], undefined), /through a link back to a folder/);
  });

  it('refuses what is no file, and what is not there', async (t) => {
    const root = put('d/a');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    t.after(() => server.close());
    await assert.rejects(listFiles(root, [], undefined), /socket is neither a file nor a folder/);
    await assert.rejects(
      listFiles(join(root, 'nope'), [], undefined),
      /nope: there is no such file or folder/,
    );
    await assert.rejects(listFiles(join(root, 'a', 'b'), [], undefined), /there is no such file or folder/);
    await assert.rejects(listFiles('/', [], undefined), /has no name/);
  });

  it('refuses a name that is not UTF-8', {
    skip: process.platform !== 'linux' && 'names are always UTF-8 here',
  }, async () => {
    const root = put('d/a');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff, 0x61)]), 'x');
    await assert.rejects(listFiles(root, [], undefined), /is not valid UTF-8/);
  });

  it('ends when it is told to', async () => {
    const root = put('d/a');
    await assert.rejects(listFiles(root, [], AbortSignal.abort(new Error('enough'))), /enough/);
  });
});
