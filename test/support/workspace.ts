/** Owns the folders of one download: the .torrent file, the data of the seeds, and where the download goes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TorrentContent, torrentFile, writeContent } from './content.ts';
import type { Scope } from './scope.ts';

export interface Workspace {
  readonly content: TorrentContent;
  /** Path of the .torrent file. */
  readonly torrent: string;
  /** Where the data of seeds lies; empty unless asked for. */
  readonly source: string;
  /** Where the download goes; empty. */
  readonly target: string;
}

/** Makes the folders; `tiers` are the trackers of the .torrent file, `withData` writes the content for real seeds. */
export async function makeWorkspace(
  scope: Scope,
  content: TorrentContent,
  options: { readonly tiers?: readonly (readonly string[])[]; readonly withData?: boolean } = {},
): Promise<Workspace> {
  const folder = await scope.directory();
  const source = await scope.directory();
  const target = await scope.directory();
  const torrent = join(folder, 'test.torrent');
  writeFileSync(torrent, torrentFile(content, options.tiers));
  if (options.withData === true) writeContent(content, source);
  return { content, torrent, source, target };
}
