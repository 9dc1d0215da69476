/**
 * Owns `spate demo`: a download that anybody can watch, without a network and without a torrent at hand. It is the
 * ordinary download of an extraordinary swarm.
 */
import { startDemoSwarm } from '../client/index.ts';
import { download } from './download-command.ts';
import { downloadOptions, type RawDownloadOptions } from './options.ts';
import type { World } from './world.ts';

export type RawDemoOptions = Pick<RawDownloadOptions, 'json' | 'quiet' | 'ui'>;

/** Runs the command; its exit code. */
export async function demo(raw: RawDemoOptions, world: World): Promise<number> {
  const swarm = await startDemoSwarm();
  try {
    const options = downloadOptions([swarm.torrent], {
      ...raw,
      trackers: true,
      dir: swarm.target,
      state: swarm.state,
      bind: '127.0.0.1',
    });
    return await download(options, world);
  } finally {
    await swarm.close();
  }
}
