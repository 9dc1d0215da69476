/**
 * Owns peers made of aria2: seeds, and leeches to compare with. No DHT, no peer exchange, no local discovery.
 *
 * A seed verifies its data first (`--check-integrity`); its JSON-RPC interface on loopback says when that is done. aria2
 * has no option to name a peer: as a leech it is found through a tracker or dialled.
 */

import { freePort } from './free-port.ts';
import { commandOf } from './peers.ts';
import { type Program, poll, startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

const READY_TIMEOUT_MS = 60_000;

export interface Aria2Options {
  readonly torrent: string;
  readonly directory: string;
  readonly port?: number;
}

export interface Aria2Peer {
  readonly program: Program;
  readonly port: number;
  /** `HOST:PORT` for `--peer`. */
  readonly endpoint: string;
  /** Limits what it sends. */
  limit(bytesPerSecond: number): Promise<void>;
}

/** Starts a seed; resolves when aria2 has verified the data and calls itself a seeder. */
export async function startAria2Seed(scope: Scope, options: Aria2Options): Promise<Aria2Peer> {
  const port = options.port ?? (await freePort());
  const rpcPort = await freePort();
  const program = startProgram(scope, commandOf('aria2'), [
    ...aria2Parameters(options, port),
    '--check-integrity=true',
    '--seed-ratio=0.0',
    '--enable-rpc=true',
    `--rpc-listen-port=${rpcPort}`,
    options.torrent,
  ]);
  await program.whileRunning(
    poll('seeding aria2', READY_TIMEOUT_MS, () => isSeeding(rpcPort)),
    READY_TIMEOUT_MS,
    'seeding',
  );
  const limit = async (bytesPerSecond: number): Promise<void> => {
    await call(rpcPort, 'changeGlobalOption', [{ 'max-overall-upload-limit': String(bytesPerSecond) }]);
  };
  return { program, port, endpoint: `127.0.0.1:${port}`, limit };
}

/** The parameters of a peer that talks to loopback only; the .torrent file follows them. */
export function aria2Parameters(options: Aria2Options, port: number): string[] {
  return [
    '--no-conf=true',
    `--dir=${options.directory}`,
    `--listen-port=${port}`,
    '--interface=127.0.0.1',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--enable-peer-exchange=false',
    '--bt-enable-lpd=false',
    '--disable-ipv6=true',
    '--follow-torrent=mem',
    '--file-allocation=none',
    '--summary-interval=0',
    '--console-log-level=notice',
    '--show-console-readout=false',
  ];
}

interface Aria2Download {
  readonly seeder?: string;
  readonly status: string;
}

async function isSeeding(rpcPort: number): Promise<true | null> {
  try {
    const downloads = (await call(rpcPort, 'tellActive', [['seeder', 'status']])) as Aria2Download[];
    return downloads.some((download) => download.seeder === 'true') ? true : null;
  } catch (error) {
    if (error instanceof TypeError) return null; // not listening yet
    throw error;
  }
}

async function call(rpcPort: number, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: '1', method: `aria2.${method}`, params });
  const response = await fetch(`http://127.0.0.1:${rpcPort}/jsonrpc`, { method: 'POST', body });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`aria2: ${method}: ${error.message}`);
  return result;
}
