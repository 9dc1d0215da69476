/**
 * The two commands of the README on a copy without node_modules and without a build, on this machine's Node and on the
 * pinned one. Needs the network (or npm's cache).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  killStarted,
  machinePath,
  makeFreshCheckout,
  olderNode,
  removeCheckout,
  run,
  start,
} from '../support/checkout.ts';

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
const older = await olderNode();
const nodeFolder = mkdtempSync(join(tmpdir(), 'spate-node-'));
symlinkSync(process.execPath, join(nodeFolder, 'node'));

const PLATFORMS = [
  { name: 'Node 24', path: [nodeFolder, machinePath()].join(delimiter), skip: false },
  {
    name: 'an older Node',
    path: machinePath(),
    skip: older === null ? 'the Node on PATH is not older than 24' : false,
  },
] as const;

after(() => {
  killStarted();
  rmSync(nodeFolder, { recursive: true, force: true });
});

for (const { name, path, skip } of PLATFORMS) {
  describe(`a fresh clone on ${name}`, { skip }, () => {
    const checkout = makeFreshCheckout();
    after(() => removeCheckout(checkout));
    const npm = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      run('npm', args, { cwd: checkout, env: { PATH: path, ...env } });

    it('says in one sentence that there is no network', async () => {
      const cache = mkdtempSync(join(tmpdir(), 'spate-cache-'));
      const env = {
        npm_config_registry: 'http://127.0.0.1:9/',
        npm_config_cache: cache,
        npm_config_fetch_retries: '0',
      };
      const ended = await npm(['start', '--', '-V'], env);
      rmSync(cache, { recursive: true, force: true });
      assert.deepEqual([ended.code, ended.stdout], [1, '']);
      assert.match(
        ended.stderr,
        /^spate: installing…\nspate: cannot install: the npm registry cannot be reached [^\n]*\n$/,
      );
    });

    it('gives up an install that a signal cuts short, and leaves no lock', async () => {
      const npm = start('npm', ['start', '--', '-V'], { cwd: checkout, env: { PATH: path } });
      const lock = join(checkout, '.build', 'lock');
      while (statSync(lock, { throwIfNoEntry: false }) === undefined) await sleep(20);
      await sleep(1000);
      process.kill(npm.pid, 'SIGTERM');
      const ended = await npm.ended;
      assert.deepEqual([ended.code, ended.stdout], [143, '']);
      assert.equal(statSync(lock, { throwIfNoEntry: false }), undefined);
    });

    it('installs, builds and runs with npm start', async () => {
      const ended = await npm(['start', '--', '-V']);
      assert.deepEqual([ended.code, ended.stdout], [0, `${version}\n`], ended.stderr);
      assert.equal(ended.stderr, 'spate: installing…\nspate: building…\n');
    });

    it('neither installs nor builds a second time', async () => {
      const ended = await npm(['start', '--', '-V']);
      assert.deepEqual(ended, { code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
    });

    it('runs tests with npm test', async () => {
      const ended = await npm(['test', '--', 'src/base/']);
      assert.equal(ended.code, 0, ended.stdout + ended.stderr);
      assert.match(ended.stdout, /^OK: \d+ passed, 0 failed/m);
    });
  });
}
