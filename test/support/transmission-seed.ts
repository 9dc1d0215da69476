/**
 * Owns peers made of Transmission, seeds and leeches: a daemon with a configuration folder of its own, no DHT, no local discovery, no port
 * mapping, its RPC on loopback.
 *
 * Transmission 3.00 never dials 127.0.0.0/8 addresses that it learnt from a tracker; it accepts connections from them.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { commandOf } from './peers.ts';
import { type Program, poll, startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

/** Transmission hashes 1 GiB in 5 s here. */
const READY_TIMEOUT_MS = 90_000;
/** `status` of a torrent that seeds. */
const STATUS_SEEDING = 6;

export interface TransmissionSeed {
  readonly program: Program;
  readonly port: number;
  /** `HOST:PORT` for `--peer`. */
  readonly endpoint: string;
}

export interface TransmissionStatus {
  /** Payload, what was wasted included. */
  readonly downloaded: number;
  readonly uploaded: number;
}

export interface TransmissionLeech extends TransmissionSeed {
  /** Everything is there; it goes on as a seed. */
  finished(timeoutMs: number): Promise<void>;
  status(): Promise<TransmissionStatus>;
}

interface TransmissionOptions {
  readonly torrent: string;
  readonly directory: string;
}

/** Starts a daemon and adds the torrent; resolves when it has checked the data and seeds. */
export async function startTransmissionSeed(
  scope: Scope,
  options: TransmissionOptions,
): Promise<TransmissionSeed> {
  const peer = await startTransmissionLeech(scope, options);
  await peer.finished(READY_TIMEOUT_MS);
  return peer;
}

/** Starts a daemon and adds the torrent; resolves when it has taken it. */
export async function startTransmissionLeech(
  scope: Scope,
  options: TransmissionOptions,
): Promise<TransmissionLeech> {
  const port = await freePort();
  const rpcPort = await freePort();
  const home = await scope.directory();
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'settings.json'), JSON.stringify(settings(options.directory, port, rpcPort)));
  const program = startProgram(scope, commandOf('transmission'), ['--foreground', '--config-dir', home]);
  const rpc = new TransmissionRpc(rpcPort);
  const metainfo = (await readFile(options.torrent)).toString('base64');
  const adding = async (): Promise<void> => {
    await poll('answer of transmission', READY_TIMEOUT_MS, () => rpc.tryCall('session-get', {}));
    await rpc.call('torrent-add', { metainfo, 'download-dir': options.directory, paused: false });
  };
  await program.whileRunning(adding(), READY_TIMEOUT_MS, 'added torrent');
  return {
    program,
    port,
    endpoint: `127.0.0.1:${port}`,
    async finished(timeoutMs) {
      const seeding = poll('seeding transmission', timeoutMs, () => isSeeding(rpc), 100);
      await program.whileRunning(seeding, timeoutMs, 'seeding');
    },
    async status() {
      const fields = ['downloadedEver', 'uploadedEver', 'corruptEver'];
      const answer = await rpc.call('torrent-get', { fields });
      const [counts] = answer['torrents'] as Record<string, number>[];
      const { downloadedEver = 0, uploadedEver = 0, corruptEver = 0 } = counts ?? {};
      return { downloaded: downloadedEver + corruptEver, uploaded: uploadedEver };
    },
  };
}

function settings(directory: string, port: number, rpcPort: number) {
  return {
    'download-dir': directory,
    'peer-port': port,
    'bind-address-ipv4': '127.0.0.1',
    'bind-address-ipv6': '::1',
    'rpc-enabled': true,
    'rpc-port': rpcPort,
    'rpc-bind-address': '127.0.0.1',
    'rpc-whitelist': '127.0.0.1',
    'rpc-whitelist-enabled': true,
    'rpc-authentication-required': false,
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'incomplete-dir-enabled': false,
    'ratio-limit-enabled': false,
    'cache-size-mb': 4,
  };
}

interface TorrentStatus {
  readonly status: number;
  readonly percentDone: number;
  readonly error: number;
  readonly errorString: string;
}

async function isSeeding(rpc: TransmissionRpc): Promise<true | null> {
  const answer = await rpc.call('torrent-get', { fields: ['status', 'percentDone', 'error', 'errorString'] });
  const [torrent] = answer['torrents'] as TorrentStatus[];
  if (torrent === undefined) return null;
  if (torrent.error === 3) throw new Error(`transmission: ${torrent.errorString}`);
  return torrent.status === STATUS_SEEDING && torrent.percentDone === 1 ? true : null;
}

type RpcFields = Readonly<Record<string, unknown>>;

class TransmissionRpc {
  readonly #url: string;
  #sessionId = '';

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}/transmission/rpc`;
  }

  /** Null when nobody listens yet. */
  async tryCall(method: string, fields: RpcFields): Promise<RpcFields | null> {
    try {
      return await this.call(method, fields);
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }

  async call(method: string, fields: RpcFields): Promise<RpcFields> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'X-Transmission-Session-Id': this.#sessionId },
      body: JSON.stringify({ method, arguments: fields }),
    });
    if (response.status === 409) {
      await response.text();
      this.#sessionId = response.headers.get('X-Transmission-Session-Id') ?? '';
      return this.call(method, fields);
    }
    const body = (await response.json()) as { result: string; arguments: RpcFields };
    if (body.result !== 'success') throw new Error(`transmission: ${method}: ${body.result}`);
    return body.arguments;
  }
}
