/**
 * Owns where things are in a checkout and the sentence with which a script gives up.
 *
 * Everything in this folder is plain JavaScript for Node 18 and newer and imports no package: it runs before
 * anything is installed or built.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The oldest Node that runs the program; `engines` of package.json says the same. */
export const PROGRAM_NODE_MAJOR = 24;

export const paths = {
  packageLock: join(root, 'package-lock.json'),
  modules: join(root, 'node_modules'),
  installStamp: join(root, 'node_modules', '.install-stamp'),
  pinnedNode: join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
  compiler: join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  sources: join(root, 'src'),
  output: join(root, 'dist'),
  program: join(root, 'dist', 'cli', 'main.js'),
  state: join(root, '.build'),
  buildStamp: join(root, '.build', 'build-stamp'),
  lock: join(root, '.build', 'lock'),
};

/** Something that a person can put right. The message is one sentence without a full stop; the script exits 1. */
export class Refusal extends Error {}

/** One line for people. Never stdout: that belongs to the program. */
export function say(line) {
  process.stderr.write(`spate: ${line}\n`);
}

export function isProgramNode(version = process.versions.node) {
  return Number(version.split('.')[0]) >= PROGRAM_NODE_MAJOR;
}

/** A Node that runs TypeScript and the program: this one when it is new enough, else the pinned one. */
export function programNode() {
  if (isProgramNode()) return process.execPath;
  if (existsSync(paths.pinnedNode)) return paths.pinnedNode;
  throw new Refusal(
    'the install is incomplete: node_modules/node/bin/node is missing; delete node_modules and retry',
  );
}
