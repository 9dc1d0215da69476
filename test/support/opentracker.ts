/**
 * Owns a real tracker: opentracker on 127.0.0.1, HTTP and UDP on one port.
 *
 * Debian's build tracks only what its whitelist names. It changes to the user `nobody` and looks for the
 * whitelist from its own folder, so both are readable for all.
 */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { commandOf } from './peers.ts';
import { poll, startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

const START_TIMEOUT_MS = 10_000;

export interface Opentracker {
  /** Announce URLs. */
  readonly http: string;
  readonly udp: string;
  /** How many peers the tracker knows of the torrent, by its own scrape. */
  peerCount(infoHashHex: string): Promise<number>;
}

/** Starts a tracker for the torrents with the given info hashes (hexadecimal). */
export async function startOpentracker(scope: Scope, infoHashes: readonly string[]): Promise<Opentracker> {
  const port = await freePort();
  const directory = await scope.directory();
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'white'), infoHashes.map((hash) => `${hash}\n`).join(''), { mode: 0o644 });
  const program = startProgram(
    scope,
    commandOf('opentracker'),
    ['-i', '127.0.0.1', '-p', `${port}`, '-P', `${port}`, '-d', directory, '-w', 'white'],
    { cwd: directory },
  );
  const base = `http://127.0.0.1:${port}`;
  const answering = poll('answer of opentracker', START_TIMEOUT_MS, () => answers(`${base}/stats`));
  await program.whileRunning(answering, START_TIMEOUT_MS, 'its first answer');
  return {
    http: `${base}/announce`,
    udp: `udp://127.0.0.1:${port}/announce`,
    peerCount: (infoHashHex) => scrapePeers(base, infoHashHex),
  };
}

async function answers(url: string): Promise<true | null> {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return null; // not listening yet
    throw error;
  }
}

async function scrapePeers(base: string, infoHashHex: string): Promise<number> {
  const query = infoHashHex.replace(/../g, (byte) => `%${byte}`);
  const text = Buffer.from(await (await fetch(`${base}/scrape?info_hash=${query}`)).arrayBuffer()).toString(
    'latin1',
  );
  const complete = /8:completei(\d+)e/.exec(text);
  const incomplete = /10:incompletei(\d+)e/.exec(text);
  return Number(complete?.[1] ?? 0) + Number(incomplete?.[1] ?? 0);
}
