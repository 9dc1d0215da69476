/**
 * Owns how each client is started to download one torrent from one seed, and to end when it is done: with its own
 * defaults but for what would make them differ in work: no encryption, no discovery, no µTP, no upload afterwards.
 */
import { connect } from 'node:net';
import { aria2Parameters } from '../../test/support/aria2-peer.ts';
import { freePort } from '../../test/support/free-port.ts';
import { LIBTORRENT_SCRIPT, type LibtorrentPeer } from '../../test/support/libtorrent-peer.ts';
import { commandOf } from '../../test/support/peers.ts';
import { poll } from '../../test/support/processes.ts';

export interface LeechTask {
  /** Path of the .torrent file. */
  readonly torrent: string;
  /** Empty directory for the download. */
  readonly directory: string;
  readonly seed: LibtorrentPeer;
}

/** A command line, and what must be done beside it once it runs. */
export interface LeechRun {
  readonly command: readonly string[];
  /** Called when the command was started. */
  readonly onStarted: () => Promise<void>;
}

export type LeechName = 'spate' | 'libtorrent' | 'aria2';

export const LEECH_NAMES: readonly LeechName[] = ['spate', 'libtorrent', 'aria2'];

const START_TIMEOUT_MS = 10_000;

/** `program` is what starts spate. */
export async function prepareLeech(
  name: LeechName,
  task: LeechTask,
  program: readonly string[],
): Promise<LeechRun> {
  if (name === 'spate') return spateLeech(task, program);
  return name === 'libtorrent' ? libtorrentLeech(task) : aria2Leech(task);
}

function spateLeech(task: LeechTask, program: readonly string[]): LeechRun {
  const { torrent, directory, seed } = task;
  const parameters = [
    'download',
    torrent,
    '--dir',
    directory,
    '--peer',
    seed.endpoint,
    '--no-trackers',
    '--quiet',
  ];
  return { command: [...program, ...parameters, '--bind', seed.address], onStarted: async () => {} };
}

async function libtorrentLeech(task: LeechTask): Promise<LeechRun> {
  const { torrent, directory, seed } = task;
  const port = await freePort();
  const peers = [[seed.address, seed.port]];
  const options = {
    torrent,
    directory,
    address: seed.address,
    port,
    encryption: false,
    peers,
    quitWhenFinished: true,
  };
  const command = [commandOf('libtorrent'), LIBTORRENT_SCRIPT, JSON.stringify(options)];
  return { command, onStarted: async () => {} };
}

/** aria2 cannot be told of a peer, so the seed dials it. */
async function aria2Leech(task: LeechTask): Promise<LeechRun> {
  const port = await freePort();
  const parameters = [...aria2Parameters(task, port), '--seed-time=0', task.torrent];
  const onStarted = async (): Promise<void> => {
    await poll('listening aria2', START_TIMEOUT_MS, () => isListening(port), 20);
    task.seed.connect('127.0.0.1', port);
  };
  return { command: [commandOf('aria2'), ...parameters], onStarted };
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
