/**
 * Owns "is what package-lock.json names installed, and if not, install it".
 *
 * A stamp in node_modules holds the hash of the package-lock.json that was installed; it goes away with the folder.
 * Without a stamp, an install made by hand counts when npm's own record of it names every locked package.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { isProgramNode, paths, Refusal, root, say } from './project.mjs';
import { runQuietly } from './worker-process.mjs';

const NO_NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED)\b/;

/** True when nothing has to be installed. Costs two small reads. */
export function isInstalled() {
  if (!isProgramNode() && !existsSync(paths.pinnedNode)) return false;
  const wanted = lockHash();
  if (readOrEmpty(paths.installStamp) === wanted) return true;
  if (!isInstalledByHand()) return false;
  writeFileSync(paths.installStamp, wanted);
  return true;
}

/** Installs exactly what package-lock.json names; a {@link Refusal} when that fails. */
export async function install(lock) {
  say('installing…');
  const wanted = lockHash();
  const npm = outerNpm();
  // The checkout needs its development dependencies whatever NODE_ENV or the person's settings say.
  const args = [
    ...npm.args,
    'ci',
    '--include=dev',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  args.push('--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=10000');
  const result = await runQuietly(npm.command, args, { cwd: root, env: npm.env }, lock.setChild);
  if (!result.ok) throw failure(result);
  if (!isProgramNode() && !existsSync(paths.pinnedNode)) {
    throw new Refusal(
      'npm installed everything but the Node that runs spate, because it was told to ignore install scripts; ' +
        'allow them (npm config set ignore-scripts false) or install Node 24',
    );
  }
  writeFileSync(paths.installStamp, wanted);
}

export function lockHash() {
  return createHash('sha256').update(readFileSync(paths.packageLock)).digest('hex');
}

function failure(result) {
  if (result.error !== null)
    return new Refusal(`cannot install: npm does not start (${result.error.message})`);
  const network = NO_NETWORK.exec(result.output);
  if (network !== null) {
    return new Refusal(
      `cannot install: the npm registry cannot be reached (${network[1]}); connect to the network and retry`,
    );
  }
  process.stderr.write(result.output);
  return new Refusal('cannot install: npm ci failed for the reason above');
}

/** True when npm's hidden lockfile, which it writes last, names every locked package that is not optional. */
function isInstalledByHand() {
  const record = readOrEmpty(join(paths.modules, '.package-lock.json'));
  if (record === '') return false;
  const actual = JSON.parse(record).packages;
  const wanted = JSON.parse(readFileSync(paths.packageLock, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      entry.optional === true ||
      (actual[path]?.version === entry.version && existsSync(join(root, path))),
  );
}

/**
 * How to start npm so that it survives the removal of node_modules: the npm and the Node that run this script
 * when npm started it, else the ones on PATH, in both cases without the folder that `npm ci` is about to delete.
 */
function outerNpm() {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(paths.modules));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const isOutside = (file) => file !== undefined && !file.startsWith(paths.modules) && existsSync(file);
  if (isOutside(npm) && isOutside(node) && npm.endsWith('.js')) {
    env.PATH = [dirname(node), ...path].join(delimiter);
    return { command: node, args: [npm], env };
  }
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [], env };
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  }
}
