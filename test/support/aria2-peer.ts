/**
 * Owns peers made of aria2: seeds, and leeches to compare with. No DHT, no peer exchange, no local discovery.
 *
 * A seed verifies its data first (`--check-integrity`); its JSON-RPC interface on loopback says when that is done. aria2
 * has no option to name a peer: as a leech it is found through a tracker or dialled.
 */
import { connect } from 'node:net';
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

export interface Aria2Status {
  /** Verified bytes. */
  readonly completed: number;
  readonly uploaded: number;
}

export interface Aria2Peer {
  readonly program: Program;
  readonly port: number;
  /** `HOST:PORT` for `--peer`. */
  readonly endpoint: string;
  /** Limits what it sends. */
  limit(bytesPerSecond: number): Promise<void>;
  /** Everything is there; it goes on as a seed. */
  finished(timeoutMs: number): Promise<void>;
  status(): Promise<Aria2Status>;
}

/** Starts a seed; resolves when aria2 has verified the data and calls itself a seeder. */
export async function startAria2Seed(scope: Scope, options: Aria2Options): Promise<Aria2Peer> {
  const peer = await startAria2(scope, options, ['--check-integrity=true']);
  await peer.finished(READY_TIMEOUT_MS);
  return peer;
}

/** Starts a leech; resolves when it listens. It seeds when it is done. */
export async function startAria2Leech(scope: Scope, options: Aria2Options): Promise<Aria2Peer> {
  const peer = await startAria2(scope, options, []);
  await peer.program.whileRunning(
    poll('listening aria2', READY_TIMEOUT_MS, () => isListening(peer.port)),
    READY_TIMEOUT_MS,
    'listening',
  );
  return peer;
}

async function startAria2(
  scope: Scope,
  options: Aria2Options,
  parameters: readonly string[],
): Promise<Aria2Peer> {
  const port = options.port ?? (await freePort());
  const rpcPort = await freePort();
  const program = startProgram(scope, commandOf('aria2'), [
    ...aria2Parameters(options, port),
    ...parameters,
    '--seed-ratio=0.0',
    '--enable-rpc=true',
    `--rpc-listen-port=${rpcPort}`,
    options.torrent,
  ]);
  return {
    program,
    port,
    endpoint: `127.0.0.1:${port}`,
    async limit(bytesPerSecond) {
      await call(rpcPort, 'changeGlobalOption', [{ 'max-overall-upload-limit': String(bytesPerSecond) }]);
    },
    async finished(timeoutMs) {
      const seeding = poll('seeding aria2', timeoutMs, () => isSeeding(rpcPort));
      await program.whileRunning(seeding, timeoutMs, 'seeding');
    },
    async status() {
      const keys = ['completedLength', 'uploadLength'];
      const [download] = (await call(rpcPort, 'tellActive', [keys])) as Record<string, string>[];
      return {
        completed: Number(download?.['completedLength']),
        uploaded: Number(download?.['uploadLength']),
      };
    },
  };
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

function isListening(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(null));
  });
}

async function call(rpcPort: number, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: '1', method: `aria2.${method}`, params });
  const response = await fetch(`http://127.0.0.1:${rpcPort}/jsonrpc`, { method: 'POST', body });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`aria2: ${method}: ${error.message}`);
  return result;
}
