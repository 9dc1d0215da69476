/**
 * Owns "does dist/ say what src/ says, and if not, build it".
 *
 * The stamp is a hash over the content of everything that the build reads, not over modification times: switching
 * branches back and forth does not rebuild, and a fast edit is never missed. About 10 ms for this project.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { lockHash } from './install.mjs';
import { paths, Refusal, root, say } from './project.mjs';
import { runQuietly } from './worker-process.mjs';

/** True when dist/ is complete and current. */
export function isBuilt() {
  if (!existsSync(paths.buildStamp)) return false;
  const sources = listSources();
  return readFileSync(paths.buildStamp, 'utf8') === hashOf(sources) && isComplete(sources);
}

/** Builds; a {@link Refusal} when the sources do not compile. */
export async function build(lock) {
  say('building…');
  const sources = listSources();
  const wanted = hashOf(sources);
  rmSync(paths.buildStamp, { force: true });
  mkdirSync(paths.state, { recursive: true });
  // By force, because the compiler's own check goes by modification times and does not notice a deleted output.
  const args = [paths.compiler, '-b', '--force'];
  const result = await runQuietly(process.execPath, args, { cwd: root }, lock.setChild);
  if (result.error !== null) throw new Refusal(`cannot build: ${result.error.message}`);
  if (!result.ok) {
    process.stderr.write(result.output);
    throw new Refusal('cannot build: the sources do not compile, see above');
  }
  removeOrphans(sources);
  writeFileSync(paths.buildStamp, wanted);
}

/** Every source that the build compiles, relative to `src/`, sorted. */
function listSources() {
  return readdirSync(paths.sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.(test|fuzz)\.ts$/.test(entry.name))
    .map((entry) => relative(paths.sources, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

function hashOf(sources) {
  const hash = createHash('sha256').update(lockHash());
  const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  for (const path of [
    ...configs.map((name) => join(root, name)),
    ...sources.map((name) => join(paths.sources, name)),
  ]) {
    hash.update(`\n${relative(root, path)}\n`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function isComplete(sources) {
  return sources.every((source) => existsSync(join(paths.output, source.replace(/\.ts$/, '.js'))));
}

/** Removes outputs whose source is gone, so that a package never carries them. */
function removeOrphans(sources) {
  const known = new Set(sources.map((source) => source.replace(/\.ts$/, '')));
  for (const entry of readdirSync(paths.output, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const stem = relative(paths.output, path).replace(/\.(js|d\.ts|js\.map|d\.ts\.map)$/, '');
    if (!known.has(stem)) rmSync(path, { force: true });
  }
}
