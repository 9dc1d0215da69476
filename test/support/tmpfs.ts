/**
 * Owns a small file system of its own for one program: a tmpfs in a mount namespace, which nothing else sees and which is
 * gone with the process that holds it. Needs root.
 */
import { join } from 'node:path';
import { type Program, runProgram, startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

const START_TIMEOUT_MS = 10_000;

/** Options for a test that mounts. */
export const NEEDS_ROOT: { readonly skip: string | false } = {
  skip:
    process.platform !== 'linux' || process.getuid?.() !== 0
      ? 'mounting a file system needs root on Linux'
      : false,
};

export class Tmpfs {
  /** Where the file system is, for a program in the namespace. */
  readonly path: string;
  readonly #holder: Program;
  readonly #scope: Scope;

  constructor(scope: Scope, holder: Program, path: string) {
    this.#scope = scope;
    this.#holder = holder;
    this.path = path;
  }

  /** The same folder, as the test itself reaches it. */
  get outside(): string {
    return join(`/proc/${this.#holder.pid}/root`, this.path);
  }

  /** What a command starts with to run in the namespace. */
  get prefix(): readonly string[] {
    return ['nsenter', `--mount=/proc/${this.#holder.pid}/ns/mnt`, '--'];
  }

  /** Changes the options of the mount, for instance `ro` or `size=20m`. */
  async remount(options: string): Promise<void> {
    const [command, ...parameters] = [...this.prefix, 'mount', '-o', `remount,${options}`, this.path];
    await runProgram(this.#scope, command!, parameters);
  }
}

/** Mounts a tmpfs with the given options, for instance `size=20m`. */
export async function mountTmpfs(scope: Scope, options: string): Promise<Tmpfs> {
  const path = await scope.directory();
  const script = 'mount -t tmpfs -o "$1" tmpfs "$2" && echo mounted && exec cat';
  const holder = startProgram(scope, 'unshare', ['--mount', 'sh', '-c', script, 'sh', options, path], {
    hasInput: true,
  });
  const mounted = new Promise<void>((resolve) => holder.onLine(() => resolve()));
  await holder.whileRunning(mounted, START_TIMEOUT_MS, 'the mount');
  return new Tmpfs(scope, holder, path);
}
