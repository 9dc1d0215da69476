/**
 * Owns the download benchmark: one file from one libtorrent seed over loopback, by each client in turn, in several rounds
 * (A B C A B C …), so that what drifts on the machine hits all of them alike.
 *
 * Before each run as much memory as a run needs is touched and freed: the first touch of a page that the host has not
 * given yet costs a virtual machine up to 2.5 s/GiB of `sys`, whoever touches it. What was downloaded is compared
 * byte for byte, outside the measured time.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { assertDownloaded } from '../../test/support/compare.ts';
import { generateFile, type TorrentContent, torrentFile, writeContent } from '../../test/support/content.ts';
import { type LibtorrentPeer, startLibtorrent } from '../../test/support/libtorrent-peer.ts';
import type { Scope } from '../../test/support/scope.ts';
import { type LeechName, prepareLeech } from './leeches.ts';
import { type Measurement, measure } from './measure.ts';

const GIB = 1024 ** 3;
const PIECE_LENGTH = 1024 * 1024;
/** Slower than 5 MiB/s is broken. */
const MIN_BYTES_PER_SECOND = 5 * 1024 ** 2;

export interface DownloadPlan {
  readonly sizeBytes: number;
  readonly rounds: number;
  readonly leeches: readonly LeechName[];
  /** Directory in which the data and the downloads lie. */
  readonly target: string;
  /** What starts spate. */
  readonly program: readonly string[];
  readonly onRun: (run: DownloadRun) => void;
}

export interface DownloadRun {
  readonly leech: LeechName;
  readonly round: number;
  readonly userSecondsPerGiB: number;
  readonly systemSecondsPerGiB: number;
  readonly cpuSecondsPerGiB: number;
  readonly mebibytesPerSecond: number;
  readonly peakMegabytes: number;
  readonly peakAnonymousMegabytes: number;
}

/** Runs everything; rejects when a client fails or what it downloaded is wrong. */
export async function runDownloads(scope: Scope, plan: DownloadPlan): Promise<DownloadRun[]> {
  const content = generateFile('bench.bin', plan.sizeBytes, PIECE_LENGTH);
  const folder = await scope.directory(plan.target);
  const torrent = join(folder, 'bench.torrent');
  const source = join(folder, 'source');
  writeFileSync(torrent, torrentFile(content));
  mkdirSync(source);
  writeContent(content, source);
  const seed = await startLibtorrent(scope, { torrent, directory: source, encryption: false });
  const runs: DownloadRun[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    for (const leech of plan.leeches) {
      const measured = await runOne(scope, plan, {
        content,
        torrent,
        seed,
        leech,
        directory: join(folder, 'target'),
      });
      const run = describe(leech, round, measured, plan.sizeBytes);
      runs.push(run);
      plan.onRun(run);
    }
  }
  return runs;
}

interface OneRun {
  readonly content: TorrentContent;
  readonly torrent: string;
  readonly directory: string;
  readonly seed: LibtorrentPeer;
  readonly leech: LeechName;
}

async function runOne(scope: Scope, plan: DownloadPlan, run: OneRun): Promise<Measurement> {
  const { content, torrent, directory, seed, leech } = run;
  mkdirSync(directory);
  settle(plan.sizeBytes);
  const { command, onStarted } = await prepareLeech(leech, { torrent, directory, seed }, plan.program);
  const timeoutMs = (plan.sizeBytes / MIN_BYTES_PER_SECOND) * 1000;
  const [measured] = await Promise.all([measure(scope, command, timeoutMs), onStarted()]);
  assertDownloaded(directory, content);
  rmSync(directory, { recursive: true });
  return measured;
}

/** Writes out what earlier runs left dirty, and makes the host back as much memory as a run will touch. */
export function settle(sizeBytes: number): void {
  execFileSync('sync');
  const bytes = Math.min(2 * sizeBytes, freemem() / 2);
  const script = `for (let i = 0; i < ${Math.ceil(bytes / 2 ** 28)}; i++) keep.push(Buffer.alloc(2 ** 28, 1));`;
  execFileSync(process.execPath, ['-e', `const keep = []; ${script}`]);
}

function describe(leech: LeechName, round: number, measured: Measurement, sizeBytes: number): DownloadRun {
  const size = sizeBytes / GIB;
  return {
    leech,
    round,
    userSecondsPerGiB: measured.userSeconds / size,
    systemSecondsPerGiB: measured.systemSeconds / size,
    cpuSecondsPerGiB: (measured.userSeconds + measured.systemSeconds) / size,
    mebibytesPerSecond: (size * 1024) / measured.wallSeconds,
    peakMegabytes: measured.peakBytes / 1e6,
    peakAnonymousMegabytes: measured.peakAnonymousBytes / 1e6,
  };
}
