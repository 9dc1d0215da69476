/**
 * Owns which test belongs to which group and how long a group may take on two cores.
 *
 * Together the groups stay under five minutes for good: what takes longer is a long test. A group that passes its
 * budget says so; one that passes it twice over fails, so that slowness is noticed where it begins.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** `folders` are relative to the root; `concurrency` is how many files run at once. */
export const GROUPS = [
  {
    name: 'unit',
    folders: ['src'],
    match: /\.test\.ts$/,
    budgetSeconds: 30,
    testTimeoutSeconds: 20,
    concurrency: 2,
  },
  {
    // The fuzzers run a while inside the unit tests beside them.
    name: 'simulator and conformance',
    folders: ['test/sim', 'test/conformance'],
    match: /\.test\.ts$/,
    budgetSeconds: 60,
    testTimeoutSeconds: 90,
    concurrency: 2,
  },
  {
    name: 'integration and command line',
    folders: ['test/integration', 'test/cli', 'test/tui', 'test/project'],
    match: /\.test\.ts$/,
    budgetSeconds: 110,
    testTimeoutSeconds: 100,
    // Most of their time is waiting.
    concurrency: 3,
  },
  {
    // One at a time: other people's programs, real ports, gigabytes on the loopback.
    name: 'interop',
    folders: ['test/interop'],
    match: /\.test\.ts$/,
    budgetSeconds: 100,
    testTimeoutSeconds: 150,
    concurrency: 1,
  },
];

export const LONG_GROUPS = [
  {
    name: 'long',
    folders: ['test/long'],
    match: /\.test\.ts$/,
    budgetSeconds: 3600,
    testTimeoutSeconds: 1800,
    concurrency: 1,
  },
];

/** The files of a group whose path contains `pattern`, relative to `root`, sorted. */
export function filesOf(group, root, pattern) {
  return group.folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          relative(root, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'),
        ),
    )
    .filter((file) => group.match.test(file) && file.includes(pattern))
    .sort();
}
