/**
 * Owns `spate show`: reads a torrent or a magnet link and writes what `show.ts` makes of it to stdout.
 */
import { isMagnet, parseMagnet } from '../protocol/metainfo/magnet.ts';
import { EXIT_DONE } from './exit-codes.ts';
import { renderShow, showJson } from './show.ts';
import { readTorrent } from './torrent-source.ts';
import type { World } from './world.ts';

/** Prints `source`; the exit code. Throws `InputError` and `ClientError`. */
export async function show(source: string, isJson: boolean, world: World): Promise<number> {
  const subject = isMagnet(source)
    ? parseMagnet(source)
    : (await readTorrent(source, world.stdin, null)).metainfo;
  const text = isJson ? `${JSON.stringify(showJson(subject))}\n` : renderShow(subject);
  await world.stdout.write(text);
  return EXIT_DONE;
}
