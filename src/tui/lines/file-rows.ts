/** Owns the files as lines: the tree with what is wanted, how large it is and how much of it is there. Pure. */
import { formatBytes, formatShare } from '../../cli/format.ts';
import type { TreeRow } from '../data/file-tree.ts';
import type { TorrentModel } from '../data/torrent-model.ts';
import { cell, DIM, highlight, type Line, type Style, span, spread } from '../text/line.ts';
import { thinBar } from './bar.ts';

const BAR_COLUMNS = 10;
/** Below this the name needs the room of the bar. */
const MIN_COLUMNS_WITH_BAR = 60;
const NORMAL_PRIORITY = 4;
const INDENT = 2;

/** The lines of the tree's rows `first` to `first + rows`; the row `cursor` stands out. */
export function fileRows(
  torrent: TorrentModel,
  cursor: number,
  first: number,
  rows: number,
  columns: number,
): Line[] {
  return torrent.tree.slice(first, first + rows).map((_, index) => {
    const line = fileLine(torrent, first + index, columns);
    return first + index === cursor ? highlight(line) : line;
  });
}

/** Verified bytes below a row of the tree. */
export function verifiedBelow(torrent: TorrentModel, at: number): number {
  const { verified } = torrent;
  const entry = torrent.tree[at];
  if (verified === null || entry === undefined) return 0;
  if (entry.kind === 'file') return verified.bytes(entry.offset, entry.offset + entry.length);
  let sum = 0;
  for (let i = at + 1; i <= at + entry.rowCount; i++) {
    const below = torrent.tree[i]!;
    if (below.kind === 'file') sum += verified.bytes(below.offset, below.offset + below.length);
  }
  return sum;
}

function fileLine(torrent: TorrentModel, at: number, columns: number): Line {
  const entry = torrent.tree[at]!;
  const isWanted = entry.kind === 'folder' || torrent.priority(entry.file) > 0;
  const done = verifiedBelow(torrent, at);
  const isDone = done >= entry.length;
  const color: Style = isWanted ? { color: isDone ? 'green' : 'cyan' } : DIM;
  const share = isWanted || isDone ? formatShare(done, entry.length) : 'not wanted';
  const right: Line = [
    ...(columns >= MIN_COLUMNS_WITH_BAR
      ? [...thinBar(entry.length === 0 ? 1 : done / entry.length, BAR_COLUMNS, color), span(' ')]
      : []),
    cell(share, 10, isDone ? color : DIM, 'right'),
    cell(formatBytes(entry.length), 9, DIM, 'right'),
  ];
  return spread([span(' '.repeat(INDENT * entry.depth)), ...nameOf(torrent, entry)], right, columns);
}

function nameOf(torrent: TorrentModel, entry: TreeRow): Line {
  if (entry.kind === 'folder') return [span('▸ ', DIM), span(`${entry.name}/`, { bold: true })];
  const priority = torrent.priority(entry.file);
  const mark =
    priority === 0
      ? span('□ ', DIM)
      : priority > NORMAL_PRIORITY
        ? span('↑ ')
        : span('■ ', { color: 'cyan' });
  const low = priority > 0 && priority < NORMAL_PRIORITY ? span('↓ ') : mark;
  return [low, span(entry.name, priority === 0 ? DIM : {})];
}
