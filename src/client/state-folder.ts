/**
 * Owns where the state lives, by each system's custom.
 */
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

export interface StateFolderWorld {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute home directory. */
  readonly home: string;
  /** Absolute directory that a relative `override` starts from. */
  readonly workingDirectory: string;
}

/**
 * Absolute path of the state folder: `override` (`--state`) if given, else `$XDG_STATE_HOME/spate` or
 * `~/.local/state/spate` (XDG Base Directory Specification 0.8), `~/Library/Application Support/Spate` on macOS,
 * `%LOCALAPPDATA%\Spate` on Windows, which does not roam, because the files it speaks of do not either.
 */
export function stateFolder(override: string | null = null, world: StateFolderWorld = thisWorld()): string {
  const { platform, environment, home, workingDirectory } = world;
  const path = platform === 'win32' ? win32 : posix;
  if (override !== null) return path.resolve(workingDirectory, override);
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Spate');
  if (platform === 'win32') {
    const local = absoluteOrNull(path, environment['LOCALAPPDATA']) ?? path.join(home, 'AppData', 'Local');
    return path.join(local, 'Spate');
  }
  // The specification wants a relative path ignored.
  const base = absoluteOrNull(path, environment['XDG_STATE_HOME']) ?? path.join(home, '.local', 'state');
  return path.join(base, 'spate');
}

function absoluteOrNull(path: typeof posix, value: string | undefined): string | null {
  return value !== undefined && path.isAbsolute(value) ? value : null;
}

function thisWorld(): StateFolderWorld {
  return {
    platform: process.platform,
    environment: process.env,
    home: homedir(),
    workingDirectory: process.cwd(),
  };
}
