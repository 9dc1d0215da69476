/**
 * What is published: the files of the package, its entry points, its requirements.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { root, run } from '../support/checkout.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly bin: { readonly spate: string };
  readonly exports: { readonly '.': Readonly<Record<string, string>> };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

describe('the package', () => {
  let files: readonly string[] = [];

  before(async () => {
    const pack = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
    const output = JSON.parse(pack.stdout) as unknown;
    const entry = (Array.isArray(output) ? output[0] : Object.values(output as object)[0]) as {
      files: { path: string }[];
    };
    files = entry.files.map(({ path }) => path);
  });

  it('has the command, the library and the licence, and nothing that only a checkout needs', () => {
    for (const path of [
      'bin/spate.mjs',
      'dist/cli/main.js',
      'dist/client/index.d.ts',
      'LICENSE',
      'README.md',
    ]) {
      assert.ok(files.includes(path), path);
    }
    const allowed = /^(bin|dist|docs)\/|^(package\.json|LICENSE|README\.md|CHANGELOG\.md)$/;
    assert.deepEqual(
      files.filter((path) => !allowed.test(path) || /\.test\.|\.fuzz\.|\.map$|\/src\//.test(path)),
      [],
    );
  });

  it('points at files that it contains', () => {
    const named = [manifest.bin.spate, ...Object.values(manifest.exports['.'])];
    for (const path of named) assert.ok(files.includes(path.replace(/^\.\//, '')), path);
  });

  it('is what it says: name, licence, Node', () => {
    assert.equal(manifest.name, 'spate-torrent');
    assert.equal(manifest.license, 'MIT');
    assert.equal(manifest.engines.node, '>=24');
    assert.match(manifest.devDependencies['node'] ?? '', /^24\.\d+\.\d+$/);
  });

  it('pins every dependency to one version', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
    }
    assert.ok(existsSync(join(root, 'package-lock.json')));
  });

  it('locks the packages of every platform that its tools run on', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    for (const entry of Object.values(lock.packages)) {
      for (const name of Object.keys(entry.optionalDependencies ?? {})) {
        assert.ok(lock.packages[`node_modules/${name}`] !== undefined, `${name} is not in package-lock.json`);
      }
    }
  });
});
