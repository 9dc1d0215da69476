/**
 * Owns the seeding benchmark: one file from one seed to one or several libtorrent leeches over loopback, by each client in
 * turn, in several rounds (A B C A B C …), so that what drifts on the machine hits all of them alike.
 *
 * Measured is the seed alone, from the moment at which the leeches dial it until all of them have everything: its check of
 * the data comes before. The leeches share the machine with it, so the rate is a bound for all of them and CPU
 * seconds for each GiB given are what tells seeds apart. What the first leech got is compared byte for byte, outside
 * the measured time; the others have checked their pieces.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAria2Seed } from '../../test/support/aria2-peer.ts';
import { assertDownloaded } from '../../test/support/compare.ts';
import { generateFile, type TorrentContent, torrentFile, writeContent } from '../../test/support/content.ts';
import { freePort } from '../../test/support/free-port.ts';
import { startLibtorrentLeeches } from '../../test/support/libtorrent-leeches.ts';
import { startLibtorrent } from '../../test/support/libtorrent-peer.ts';
import { type Program, startProgram } from '../../test/support/processes.ts';
import { Scope } from '../../test/support/scope.ts';
import { loopbackAddresses } from '../../test/support/silent-addresses.ts';
import { Spate } from '../../test/support/spate.ts';
import { settle } from './download.ts';
import { cpuSeconds, MemorySampler } from './measure.ts';

const GIB = 1024 ** 3;
const PIECE_LENGTH = 1024 * 1024;
/** All together; slower than this is broken. */
const MIN_BYTES_PER_SECOND = 5 * 1024 ** 2;
const READY_TIMEOUT_MS = 120_000;
/** Second part of the leeches' addresses, 127.x.0.1 and on. */
const LEECH_NET = 120;

export type SeedName = 'spate' | 'libtorrent' | 'aria2';

export const SEED_NAMES: readonly SeedName[] = ['spate', 'libtorrent', 'aria2'];

/** How many leeches there are at once. */
export const LEECH_COUNTS: readonly number[] = [1, 8];

export interface SeedingPlan {
  readonly sizeBytes: number;
  readonly rounds: number;
  readonly seeds: readonly SeedName[];
  /** Directory in which the data and the downloads lie. */
  readonly target: string;
  /** What starts spate. */
  readonly program: readonly string[];
  readonly onRun: (run: SeedingRun) => void;
}

/** CPU and memory are the seed's; a GiB is one that it gave. */
export interface SeedingRun {
  readonly seed: SeedName;
  readonly leechCount: number;
  readonly round: number;
  readonly userSecondsPerGiB: number;
  readonly systemSecondsPerGiB: number;
  readonly cpuSecondsPerGiB: number;
  readonly mebibytesPerSecond: number;
  readonly peakMegabytes: number;
  readonly peakAnonymousMegabytes: number;
}

/** Runs everything; rejects when a client fails or what a leech got is wrong. */
export async function runSeedings(scope: Scope, plan: SeedingPlan): Promise<SeedingRun[]> {
  const content = generateFile('bench.bin', plan.sizeBytes, PIECE_LENGTH);
  const folder = await scope.directory(plan.target);
  const torrent = join(folder, 'bench.torrent');
  const source = join(folder, 'source');
  writeFileSync(torrent, torrentFile(content));
  mkdirSync(source);
  writeContent(content, source);
  const runs: SeedingRun[] = [];
  for (const leechCount of LEECH_COUNTS) {
    for (let round = 1; round <= plan.rounds; round++) {
      for (const seed of plan.seeds) {
        const run = await runOne(plan, { content, torrent, source, folder, seed, leechCount, round });
        runs.push(run);
        plan.onRun(run);
      }
    }
  }
  return runs;
}

interface OneRun {
  readonly content: TorrentContent;
  readonly torrent: string;
  readonly source: string;
  /** Where the folders of the leeches are made. */
  readonly folder: string;
  readonly seed: SeedName;
  readonly leechCount: number;
  readonly round: number;
}

async function runOne(plan: SeedingPlan, run: OneRun): Promise<SeedingRun> {
  const { content, torrent, folder, leechCount } = run;
  const scope = new Scope(null);
  try {
    settle(plan.sizeBytes * leechCount);
    const addresses = loopbackAddresses(LEECH_NET, leechCount);
    const leeches = await startLibtorrentLeeches(scope, {
      torrent,
      addresses,
      parent: folder,
      encryption: false,
    });
    const seed = await startSeed(scope, run.seed, run, plan.program);
    const givenBytes = plan.sizeBytes * leechCount;
    const finished = async (): Promise<void> => {
      leeches.connect('127.0.0.1', seed.port);
      await leeches.finished((givenBytes / MIN_BYTES_PER_SECOND) * 1000 + READY_TIMEOUT_MS);
    };
    const measured = await measureWhile(seed.program.pid, finished, givenBytes);
    assertDownloaded(leeches.directories[0]!, content);
    return { seed: run.seed, leechCount, round: run.round, ...measured };
  } finally {
    await scope.close();
  }
}

/** What process `processId` uses while `action` runs, for each of the `bytes` that it gives. */
async function measureWhile(processId: number, action: () => Promise<void>, bytes: number) {
  const memory = new MemorySampler(() => processId);
  const before = cpuSeconds(processId);
  const startedAt = performance.now();
  await action();
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const after = cpuSeconds(processId);
  memory.stop();
  const size = bytes / GIB;
  const [user, system] = [after.user - before.user, after.system - before.system];
  return {
    userSecondsPerGiB: user / size,
    systemSecondsPerGiB: system / size,
    cpuSecondsPerGiB: (user + system) / size,
    mebibytesPerSecond: (size * 1024) / wallSeconds,
    peakMegabytes: memory.peakBytes / 1e6,
    peakAnonymousMegabytes: memory.peakAnonymousBytes / 1e6,
  };
}

interface RunningSeed {
  readonly program: Program;
  readonly port: number;
}

/** Starts a seed at 127.0.0.1, which has checked its data when this resolves. */
async function startSeed(
  scope: Scope,
  name: SeedName,
  task: OneRun,
  program: readonly string[],
): Promise<RunningSeed> {
  const { torrent, source: directory } = task;
  if (name === 'libtorrent') return startLibtorrent(scope, { torrent, directory, encryption: false });
  if (name === 'aria2') return startAria2Seed(scope, { torrent, directory });
  const port = await freePort();
  const [command, ...rest] = program;
  const parameters = ['seed', torrent, '--dir', directory, '--no-trackers', '--json'];
  const place = ['--bind', '127.0.0.1', '--port', String(port)];
  const spate = new Spate(startProgram(scope, command!, [...rest, ...parameters, ...place]));
  await spate.event('completed', READY_TIMEOUT_MS);
  return { program: spate.program, port };
}
