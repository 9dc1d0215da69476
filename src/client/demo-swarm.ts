/**
 * Owns the swarm of the demonstration: some content, a tracker and three seeds with slow lines, all on loopback and in this
 * process, in a folder of its own that is removed in the end.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../base/random.ts';
import type { Client } from './api.ts';
import { createClient } from './create-client.ts';
import { createTorrent } from './create-torrent.ts';
import { DemoTracker } from './demo-tracker.ts';

const KIB = 1024;
const FILES = [
  { name: 'readme.txt', bytes: 3 * KIB },
  { name: 'music/overture.flac', bytes: 9_000 * KIB },
  { name: 'music/finale.flac', bytes: 6_500 * KIB },
  { name: 'pictures/première 🌊.png', bytes: 4_200 * KIB },
] as const;
/** What each seed gives, bytes a second: together the download takes about seven seconds. */
const SEED_RATES = [600_000, 900_000, 1_400_000] as const;
const SEED_ARENA_BYTES = 4 * KIB * KIB;

export interface DemoSwarm {
  /** Absolute path of the .torrent file. */
  readonly torrent: string;
  /** Absolute empty folder for the download. */
  readonly target: string;
  /** Absolute folder for the download's state. */
  readonly state: string;
  /** Ends the seeds and the tracker and removes everything. */
  close(): Promise<void>;
}

export async function startDemoSwarm(): Promise<DemoSwarm> {
  const folder = await mkdtemp(join(tmpdir(), 'spate-demo-'));
  const seeds: Client[] = [];
  let tracker: DemoTracker | null = null;
  const close = async (): Promise<void> => {
    await Promise.allSettled(seeds.map((seed) => seed.close()));
    tracker?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    tracker = await DemoTracker.start();
    const source = join(folder, 'source');
    const path = join(source, 'Spate demonstration');
    await writeContent(path);
    const { metainfo } = await createTorrent({ path, trackers: [tracker.url], createdAt: null });
    const torrent = join(folder, 'demo.torrent');
    await writeFile(torrent, metainfo);
    for (const rate of SEED_RATES) seeds.push(await startSeed(metainfo, source, rate));
    const target = join(folder, 'download');
    await mkdir(target);
    return { torrent, target, state: join(folder, 'state'), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function writeContent(folder: string): Promise<void> {
  for (const [index, file] of FILES.entries()) {
    const bytes = new Uint8Array(file.bytes);
    const words = new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);
    const random = new SeededRandom(index + 1);
    for (let i = 0; i < words.length; i++) words[i] = random.uint32();
    const path = join(folder, file.name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, bytes);
  }
}

/** A seed that has checked its data. */
async function startSeed(metainfo: Uint8Array, directory: string, maxUpRate: number): Promise<Client> {
  const client = await createClient({
    host: 'thread',
    bindAddress: '127.0.0.1',
    arenaBytes: SEED_ARENA_BYTES,
    maxUpRate,
  });
  const seeding = Promise.withResolvers<void>();
  client.subscribe((event) => {
    if (event.event === 'completed') seeding.resolve();
    else if (event.event === 'error')
      seeding.reject(new Error(`a seed of the demonstration: ${event.message}`));
  });
  await client.add({ metainfo, directory, seed: { ratio: null, seedTimeMs: null } });
  await seeding.promise;
  return client;
}
