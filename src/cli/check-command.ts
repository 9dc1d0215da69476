/**
 * Owns `spate check`: verifies data against a torrent and says on stdout what is missing and what is bad.
 */
import { resolve } from 'node:path';
import { checkTorrent, InputError } from '../client/index.ts';
import { checkJson, renderCheck } from './check-text.ts';
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import { readTorrent } from './torrent-source.ts';
import { WorkLine } from './work-line.ts';
import type { World } from './world.ts';

/** As the command line parser gives them. */
export interface RawCheckOptions {
  readonly dir?: string;
  readonly json?: boolean;
}

/** Runs the command; its exit code: 0 when all is complete, 1 when something is not. */
export function check(source: string, raw: RawCheckOptions, world: World): Promise<number> {
  const line = new WorkLine(world.stderr, () => world.now());
  return interruptible(world, line, async (signal) => {
    if (raw.dir === '') throw new InputError('usage', 'option --dir is empty');
    const torrent = await readTorrent(source, world.stdin, null);
    const report = await checkTorrent({
      metainfo: torrent.bytes,
      directory: resolve(raw.dir ?? '.'),
      onProgress: (progress) => line.update(progress),
      signal,
    });
    line.clear();
    signal.throwIfAborted();
    const text = raw.json === true ? `${JSON.stringify(checkJson(report))}\n` : renderCheck(report);
    await world.stdout.write(text);
    return report.isComplete ? EXIT_DONE : EXIT_FAILED;
  });
}
