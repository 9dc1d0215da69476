/**
 * Owns the version of the package, for `--version` and for what servers see of us.
 */
import { readFileSync } from 'node:fs';

/** As in `package.json`, which lies two folders above this file both in the sources and compiled. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** How HTTP servers see us. */
export function userAgent(): string {
  return `spate/${packageVersion()}`;
}
